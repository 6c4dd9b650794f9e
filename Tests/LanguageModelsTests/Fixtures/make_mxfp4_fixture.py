"""A tiny gpt-oss whose experts lie in MXFP4, as the published files do, with the logits that transformers computes for them.

usage: python make_mxfp4_fixture.py     writes mxfp4/ beside this file; random blocks, seed 5, versions in versions.json
"""
import json, pathlib, torch, transformers
from safetensors.torch import save_file
from transformers import GptOssConfig
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

folder = pathlib.Path(__file__).parent / "mxfp4"
folder.mkdir(exist_ok=True)
torch.manual_seed(5)
config = GptOssConfig(
    vocab_size=64, hidden_size=32, intermediate_size=32, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
    num_hidden_layers=1, max_position_embeddings=64, initializer_range=0.3, bos_token_id=0, eos_token_id=0, num_local_experts=3,
    num_experts_per_tok=2, sliding_window=6, rope_parameters={"rope_type": "default", "rope_theta": 500.0})
config._attn_implementation = "eager"
model = transformers.AutoModelForCausalLM.from_config(config).eval()
state = {name: x.clone() for name, x in model.state_dict().items()}
with torch.no_grad():
    for name in ("gate_up_proj", "down_proj"):
        path = f"model.layers.0.mlp.experts.{name}"
        experts, inputs, outputs = state.pop(path).shape
        blocks = torch.randint(0, 256, (experts, outputs, inputs // 32, 16), dtype=torch.uint8)
        scales = torch.randint(122, 126, (experts, outputs, inputs // 32), dtype=torch.uint8)
        state[path + "_blocks"], state[path + "_scales"] = blocks, scales
        made = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
        getattr(model.model.layers[0].mlp.experts, name).copy_(made.reshape(experts, inputs, outputs))
save_file({name: x.contiguous() for name, x in state.items()}, folder / "model.safetensors", metadata={"format": "pt"})
settings = json.loads(config.to_json_string(use_diff=False))
settings["quantization_config"] = {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}
keep = json.loads(config.to_json_string()).keys() | {"quantization_config"}
(folder / "config.json").write_text(json.dumps({k: v for k, v in settings.items() if k in keep}, indent=1) + "\n")
ids = torch.randint(1, 64, (1, 24))
with torch.no_grad(): logits = model(ids).logits
save_file({"ids": ids, "logits": logits.contiguous()}, folder / "expected.safetensors")
(folder / "versions.json").write_text(
    json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}) + "\n")
print("mxfp4", float(logits.std()))
