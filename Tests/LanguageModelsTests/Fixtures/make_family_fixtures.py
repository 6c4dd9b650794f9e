"""Tiny random checkpoints of each family, made by transformers, with the logits that it computes over prompts longer than
the windows.

usage: python make_family_fixtures.py [NAME …]    writes NAME/ beside this file; seed 3, versions in versions.json
"""
import json, pathlib, sys, torch, transformers
from safetensors.torch import save_file
from transformers import (
    DeepseekV2Config, DeepseekV3Config, Gemma2Config, Gemma3TextConfig, GemmaConfig, GPTNeoConfig, GPTNeoXConfig, GptOssConfig, GraniteConfig,
    GraniteMoeConfig, LlamaConfig, MistralConfig, MixtralConfig, Olmo2Config, Phi3Config, Qwen2Config, Qwen2MoeConfig, Qwen3Config,
    Qwen3MoeConfig, SmolLM3Config)

here = pathlib.Path(__file__).parent
common = dict(
    vocab_size=64, hidden_size=32, intermediate_size=24, num_attention_heads=4, num_hidden_layers=2,
    max_position_embeddings=64, initializer_range=0.3, bos_token_id=0, eos_token_id=0, pad_token_id=None)
grouped = dict(num_key_value_heads=2)
gemma = dict(head_dim=12, query_pre_attn_scalar=20, **grouped)
configs = {
    # Three layers: dense, banded, dense.
    "gpt_neo": GPTNeoConfig(
        **{**{k: v for k, v in common.items() if k not in ("num_attention_heads", "num_hidden_layers")}, "num_heads": 4, "num_layers": 3},
        attention_types=[[["global", "local"], 1], [["global"], 1]], window_size=7),
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
    "gemma": GemmaConfig(**common, **grouped, head_dim=12),
    "smollm3": SmolLM3Config(**{**common, "num_hidden_layers": 3}, **grouped, no_rope_layers=[1, 0, 1]),
    "granite": GraniteConfig(**common, **grouped, embedding_multiplier=3.0, residual_multiplier=0.4, logits_scaling=2.0,
                             attention_multiplier=0.3),
    "granitemoe": GraniteMoeConfig(**common, **grouped, embedding_multiplier=3.0, residual_multiplier=0.4, logits_scaling=2.0,
                                   attention_multiplier=0.3, num_local_experts=4, num_experts_per_tok=2),
    "mixtral": MixtralConfig(**common, **grouped, num_local_experts=4, num_experts_per_tok=2, sliding_window=7),
    "qwen2_moe": Qwen2MoeConfig(**{**common, "num_hidden_layers": 3}, **grouped, num_experts=5, num_experts_per_tok=3,
                                moe_intermediate_size=12, shared_expert_intermediate_size=20, mlp_only_layers=[1],
                                use_sliding_window=True, sliding_window=9, max_window_layers=1),
    "qwen3_moe": Qwen3MoeConfig(**common, **grouped, head_dim=12, num_experts=6, num_experts_per_tok=2, moe_intermediate_size=12,
                                norm_topk_prob=True),
    "gpt_oss": GptOssConfig(**common, **grouped, head_dim=12, num_local_experts=4, num_experts_per_tok=2, sliding_window=6,
                            swiglu_limit=1.5,
                            rope_parameters={"rope_type": "yarn", "factor": 4.0, "beta_fast": 32.0, "beta_slow": 1.0,
                                             "truncate": False, "original_max_position_embeddings": 16, "rope_theta": 500.0}),
    "deepseek_v2": DeepseekV2Config(
        **{**common, "num_hidden_layers": 3}, first_k_dense_replace=1, kv_lora_rank=10, q_lora_rank=None, qk_nope_head_dim=6,
        qk_rope_head_dim=4, v_head_dim=8, n_routed_experts=8, n_shared_experts=2, num_experts_per_tok=3, moe_intermediate_size=12,
        topk_method="group_limited_greedy", n_group=4, topk_group=2, routed_scaling_factor=1.5,
        rope_parameters={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 500.0,
                         "mscale": 0.707, "mscale_all_dim": 0.707}),
    "deepseek_v3": DeepseekV3Config(
        **common, num_key_value_heads=4, first_k_dense_replace=1, kv_lora_rank=10, q_lora_rank=14, qk_nope_head_dim=6,
        qk_rope_head_dim=4, v_head_dim=12, n_routed_experts=8, n_shared_experts=1, num_experts_per_tok=3, moe_intermediate_size=12,
        n_group=4, topk_group=2, routed_scaling_factor=2.0),
    # 40 tokens are beyond the length of training of both, 12 within it.
    "phi4": Phi3Config(**common, **grouped, tie_word_embeddings=True, original_max_position_embeddings=16,
                       rope_parameters={"rope_theta": 10000.0, "rope_type": "longrope", "partial_rotary_factor": 0.75,
                                        "short_factor": [1.0, 1.3, 2.0], "long_factor": [1.5, 4.0, 9.0],
                                        "original_max_position_embeddings": 16}),
    "dynamic": LlamaConfig(**{**common, "max_position_embeddings": 16}, **grouped,
                           rope_parameters={"rope_theta": 500.0, "rope_type": "dynamic", "factor": 4.0}),
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
        for n, b in model.named_buffers():
            if "correction_bias" in n: b.add_(torch.randn_like(b) * 0.3)
    model.eval()
    folder = here / name
    model.save_pretrained(folder)
    ids = torch.randint(1, 64, (2, 40))
    with torch.no_grad():
        logits, short = model(ids).logits, model(ids[:, :12]).logits
    expected = {"ids": ids, "logits": logits.contiguous()}
    if name in ("phi4", "dynamic"): expected["short_logits"] = short.contiguous()
    save_file(expected, folder / "expected.safetensors")
    (folder / "versions.json").write_text(
        json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}) + "\n")
    print(name, sum(p.numel() for p in model.parameters()), float(logits.std()))
