"""Adapters made by peft over the tiny checkpoints beside this file, with the logits of base and adapters.

usage: python make_adapter_fixtures.py     writes gpt2-lora/, gpt2-dora/, llama-lora/ and llama-dora/
seed 1; the versions are in each folder's versions.json
"""
import json, pathlib, warnings
import peft, torch, transformers
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent
targets = {"gpt2": ["c_attn", "mlp.c_proj"], "llama": ["q_proj", "v_proj", "gate_proj", "down_proj"]}
for name in targets:
    for kind in ("lora", "dora"):
        torch.manual_seed(1)
        model = transformers.AutoModelForCausalLM.from_pretrained(here / name, dtype=torch.float32)
        model = peft.get_peft_model(model, peft.LoraConfig(
            r=3, lora_alpha=6, target_modules=targets[name], lora_dropout=0.0, use_dora=kind == "dora",
            fan_in_fan_out=name == "gpt2", task_type="CAUSAL_LM"))
        for key, value in model.named_parameters():
            if "lora_B" in key: torch.nn.init.normal_(value, std=0.3)
            if "magnitude" in key: value.data.mul_(torch.empty_like(value).uniform_(0.5, 1.5))
        model.eval()
        ids = load_file(here / name / "expected.safetensors")["ids"]
        with torch.no_grad(): logits = model(ids).logits
        folder = here / f"{name}-{kind}"
        model.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)
        config = json.loads((folder / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = f"../{name}"
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        save_file({"logits": logits.contiguous()}, folder / "expected.safetensors")
        (folder / "versions.json").write_text(json.dumps(
            {"peft": peft.__version__, "torch": torch.__version__, "transformers": transformers.__version__}))
