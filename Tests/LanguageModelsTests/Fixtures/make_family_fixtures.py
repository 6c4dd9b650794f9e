"""Tiny random checkpoints of each family, made by transformers, with the logits that it computes over prompts longer than
the windows.

usage: python make_family_fixtures.py [NAME …]    writes NAME/ beside this file; seed 3, versions in versions.json
"""
import json, pathlib, sys, torch, transformers
from safetensors.torch import save_file
from transformers import (
    Gemma2Config, Gemma3TextConfig, GPTNeoXConfig, LlamaConfig, MistralConfig, Olmo2Config, Phi3Config, Qwen2Config,
    Qwen3Config)

here = pathlib.Path(__file__).parent
common = dict(
    vocab_size=64, hidden_size=32, intermediate_size=24, num_attention_heads=4, num_hidden_layers=2,
    max_position_embeddings=64, initializer_range=0.3, bos_token_id=0, eos_token_id=0, pad_token_id=None)
grouped = dict(num_key_value_heads=2)
gemma = dict(head_dim=12, query_pre_attn_scalar=20, **grouped)
configs = {
    "gpt_neox": GPTNeoXConfig(**common, rope_parameters={"rope_theta": 700.0, "partial_rotary_factor": 0.5}),
    "gpt_neox_serial": GPTNeoXConfig(**{**common, "num_hidden_layers": 1}, use_parallel_residual=False),
    "mistral": MistralConfig(**common, **grouped, sliding_window=7, head_dim=12),
    "qwen2": Qwen2Config(**{**common, "num_hidden_layers": 3}, **grouped, use_sliding_window=True, sliding_window=9,
                         max_window_layers=1),
    "qwen3": Qwen3Config(**common, **grouped, head_dim=12, tie_word_embeddings=True),
    "gemma2": Gemma2Config(**common, **gemma, sliding_window=6, attn_logit_softcapping=3.0, final_logit_softcapping=4.0),
    "gemma3": Gemma3TextConfig(**{**common, "num_hidden_layers": 3}, **gemma, sliding_window=6, sliding_window_pattern=3,
                               layer_types=["sliding_attention", "sliding_attention", "full_attention"],
                               rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
                                                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 3000.0}}),
    "phi3": Phi3Config(**common, **grouped, sliding_window=11,
                       rope_parameters={"rope_theta": 10000.0, "rope_type": "default", "partial_rotary_factor": 0.5}),
    "olmo2": Olmo2Config(**common, **grouped),
    "smollm": LlamaConfig(**{**common, "eos_token_id": [2, 0]}, **grouped, tie_word_embeddings=True),
}
chosen = sys.argv[1:] or configs
for name in chosen:
    torch.manual_seed(3)
    config = configs[name]
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config)
    # Norm weights start at 1 and biases at 0: shake them, so that a mix-up shows.
    with torch.no_grad():
        for n, p in model.named_parameters():
            if p.dim() == 1: p.add_(torch.randn_like(p) * 0.2)
    model.eval()
    folder = here / name
    model.save_pretrained(folder)
    ids = torch.randint(1, 64, (2, 40))
    with torch.no_grad(): logits = model(ids).logits
    save_file({"ids": ids, "logits": logits.contiguous()}, folder / "expected.safetensors")
    (folder / "versions.json").write_text(
        json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}) + "\n")
    print(name, sum(p.numel() for p in model.parameters()), float(logits.std()))
