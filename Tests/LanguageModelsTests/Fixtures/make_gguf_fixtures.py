"""GGUF files of tiny random models, with the logits that transformers computes for the weights inside them.

usage: python make_gguf_fixtures.py [NAME …]    writes gguf/NAME.gguf and gguf/NAME.safetensors beside this file; seed 4
       (every type's blocks and split files: make_block_fixtures.py)

The tensors get the names of gguf's own table (gguf.get_tensor_name_map) and are stored as llama.cpp's converter does:
Llama's queries and keys with their turned features in pairs, Gemma's norms with 1 added, GPT-2's weights untransposed, the matrices
of all experts of a layer in one tensor. Where llama-cpp-python can be imported, its logits of each file are compared too.
"""
import json, pathlib, sys
import gguf, numpy as np, torch, transformers
from gguf import GGMLQuantizationType as Q
from safetensors.torch import save_file
from transformers import (
    DeepseekV2Config, DeepseekV3Config, Gemma2Config, Gemma3TextConfig, GemmaConfig, GPT2Config, GptOssConfig, GraniteConfig,
    GraniteMoeConfig, LlamaConfig, MixtralConfig, Olmo2Config, Phi3Config, Qwen2Config, Qwen2MoeConfig, Qwen3Config, Qwen3MoeConfig,
    SmolLM3Config)

here = pathlib.Path(__file__).parent / "gguf"
here.mkdir(exist_ok=True)
WORDS = 64
common = dict(
    vocab_size=WORDS, hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2,
    max_position_embeddings=64, initializer_range=0.3, bos_token_id=1, eos_token_id=2, pad_token_id=None)
grouped = dict(num_key_value_heads=2)
gemma = dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=6, **grouped)
A = gguf.MODEL_ARCH
granite = dict(embedding_multiplier=3.0, residual_multiplier=0.4, logits_scaling=2.0, attention_multiplier=0.3)
few = dict(num_local_experts=4, num_experts_per_tok=2)
latent = dict(
    first_k_dense_replace=1, kv_lora_rank=32, qk_nope_head_dim=32, qk_rope_head_dim=16, v_head_dim=32, n_routed_experts=8,
    num_experts_per_tok=3, moe_intermediate_size=32)
models = {
    "llama": (A.LLAMA, LlamaConfig(**common, **grouped)),
    "qwen2": (A.QWEN2, Qwen2Config(**common, **grouped, tie_word_embeddings=True)),
    "qwen3": (A.QWEN3, Qwen3Config(**common, **grouped, head_dim=16)),
    "gemma2": (A.GEMMA2, Gemma2Config(**common, **gemma, attn_logit_softcapping=3.0, final_logit_softcapping=4.0)),
    "gemma3": (A.GEMMA3, Gemma3TextConfig(
        **{**common, "num_hidden_layers": 3}, **gemma,
        layer_types=["sliding_attention", "sliding_attention", "full_attention"],
        rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
                         "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 3000.0}})),
    "phi3": (A.PHI3, Phi3Config(
        **common, **grouped, sliding_window=11,
        rope_parameters={"rope_theta": 10000.0, "rope_type": "default", "partial_rotary_factor": 0.5})),
    "olmo2": (A.OLMO2, Olmo2Config(**common, **grouped)),
    "gpt2": (A.GPT2, GPT2Config(
        vocab_size=WORDS, n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.3, bos_token_id=1,
        eos_token_id=2)),
    "gemma": (A.GEMMA, GemmaConfig(**common, **grouped, head_dim=16)),
    "smollm3": (A.SMOLLM3, SmolLM3Config(**{**common, "num_hidden_layers": 4}, **grouped)),
    "granite": (A.GRANITE, GraniteConfig(**common, **grouped, **granite)),
    "granitemoe": (A.GRANITE_MOE, GraniteMoeConfig(**common, **grouped, **granite, **few)),
    "mixtral": (A.LLAMA, MixtralConfig(**common, **grouped, **few, sliding_window=None)),
    "qwen2moe": (A.QWEN2MOE, Qwen2MoeConfig(
        **common, **grouped, num_experts=5, num_experts_per_tok=3, moe_intermediate_size=32, shared_expert_intermediate_size=64)),
    "qwen3moe": (A.QWEN3MOE, Qwen3MoeConfig(
        **common, **grouped, head_dim=16, num_experts=6, num_experts_per_tok=2, moe_intermediate_size=32, norm_topk_prob=True)),
    "gpt-oss": (A.GPT_OSS, GptOssConfig(
        **common, **grouped, **few, head_dim=16, sliding_window=6,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0})),
    "phi4": (A.PHI3, Phi3Config(
        **common, **grouped, original_max_position_embeddings=16, tie_word_embeddings=True, rope_parameters={
            "rope_theta": 10000.0, "rope_type": "longrope", "partial_rotary_factor": 0.5, "short_factor": [1.0, 1.3],
            "long_factor": [1.5, 4.0], "original_max_position_embeddings": 16})),
    "deepseek2": (A.DEEPSEEK2, DeepseekV2Config(
        **common, **latent, q_lora_rank=None, n_shared_experts=2, routed_scaling_factor=1.5, topk_method="greedy")),
    "deepseek3": (A.DEEPSEEK2, DeepseekV3Config(
        **common, **latent, num_key_value_heads=4, q_lora_rank=32, n_shared_experts=1, n_group=4, topk_group=2,
        routed_scaling_factor=2.0)),
}
# The types of the matrices of one model; the rest stays F32. Rows of 32 can't have the K types: see make_block_fixtures.py.
mixture = {"llama": [Q.Q8_0, Q.Q4_0, Q.F16, Q.BF16], "qwen2": [Q.F16], "qwen3": [Q.F16], "gemma2": [Q.BF16], "gemma3": [Q.Q8_0],
           "phi3": [Q.BF16], "gpt2": [Q.F16], "mixtral": [Q.Q8_0], "qwen3moe": [Q.Q8_0, Q.Q4_0, Q.F16], "gpt-oss": [Q.MXFP4],
           "deepseek2": [Q.Q8_0]}
# llama.cpp's converter permutes queries and keys of Llama's descendants.
paired = {A.LLAMA, A.SMOLLM3, A.GRANITE, A.GRANITE_MOE}
T = gguf.MODEL_TENSOR


def pieces(name, arch, config, state):
    """The tensors of a file: their names, and views into the model that can be written to."""
    table = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    for key, value in state.items():
        if key == "lm_head.weight" and config.tie_word_embeddings: continue
        layer = int(key.split(".")[2]) if ".layers." in key else None
        named = lambda tensor, kind="weight": f"{gguf.TENSOR_NAMES[tensor].format(bid=layer)}.{kind}"
        if key.endswith("experts.gate_up_proj"):
            turns = arch == A.GPT_OSS
            half = value.shape[1] // 2
            yield named(T.FFN_GATE_EXP), value[:, :, 0::2].transpose(1, 2) if turns else value[:, :half]
            yield named(T.FFN_UP_EXP), value[:, :, 1::2].transpose(1, 2) if turns else value[:, half:]
        elif key.endswith("experts.gate_up_proj_bias"):
            yield named(T.FFN_GATE_EXP, "bias"), value[:, 0::2]
            yield named(T.FFN_UP_EXP, "bias"), value[:, 1::2]
        elif key.endswith("experts.down_proj"):
            yield named(T.FFN_DOWN_EXP), value.transpose(1, 2) if arch == A.GPT_OSS else value
        elif key.endswith("experts.down_proj_bias"): yield named(T.FFN_DOWN_EXP, "bias"), value
        elif key.endswith("self_attn.sinks"): yield named(T.ATTN_SINKS), value
        elif key.endswith("e_score_correction_bias"): yield named(T.FFN_EXP_PROBS_B, "bias"), value
        elif ".router." in key or key.endswith(".gate.weight"): yield named(T.FFN_GATE_INP, key.split(".")[-1]), value
        elif "shared_expert_gate" in key: yield named(T.FFN_GATE_INP_SHEXP), value
        elif ".shared_expert" in key:
            part = {"gate_proj": T.FFN_GATE_SHEXP, "up_proj": T.FFN_UP_SHEXP, "down_proj": T.FFN_DOWN_SHEXP}[key.split(".")[-2]]
            yield named(part), value
        elif arch == A.GPT_OSS and "post_attention_layernorm" in key: yield named(T.ATTN_POST_NORM), value
        elif "kv_b_proj" in key and name == "deepseek3":
            both = value.view(config.num_attention_heads, -1, config.kv_lora_rank)
            yield named(T.ATTN_K_B), both[:, :config.qk_nope_head_dim].transpose(1, 2)
            yield named(T.ATTN_V_B), both[:, config.qk_nope_head_dim:]
        else: yield table.get_name(key, try_suffixes=(".weight", ".bias")), value
    rope = getattr(config, "rope_parameters", None) or {}
    for kind, part in (("short", T.ROPE_FACTORS_SHORT), ("long", T.ROPE_FACTORS_LONG)):
        if f"{kind}_factor" in rope: yield gguf.TENSOR_NAMES[part] + ".weight", torch.tensor(rope[f"{kind}_factor"])


def permuted(w, heads):
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def tokenizer(writer):
    """A byte-level vocabulary of 64 tokens, too small to hold every byte."""
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    words = ["<unk>", "<s>", "</s>"] + letters + ["Ġ"]
    pairs = ["Ġ t", "h e", "Ġt he", "i n", "a n", "an d", "Ġ and", "o u"]
    words += [pair.replace(" ", "") for pair in pairs]
    words += [f"<extra{i}>" for i in range(WORDS - len(words))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    writer.add_token_types([3 if word[0] == "<" else 1 for word in words])
    writer.add_token_merges(pairs)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)


def metadata(writer, config, arch):
    c = config
    heads, width = c.num_attention_heads, c.hidden_size
    writer.add_context_length(c.max_position_embeddings)
    writer.add_embedding_length(width)
    writer.add_block_count(c.num_hidden_layers)
    writer.add_feed_forward_length(getattr(c, "intermediate_size", 4 * width))
    writer.add_head_count(heads)
    if arch == A.GPT2:
        writer.add_layer_norm_eps(c.layer_norm_epsilon)
        return
    # As the converter writes files whose matrix of keys and values is cut: attention over the short vectors, one for all heads.
    isThird = isinstance(c, DeepseekV3Config)
    writer.add_head_count_kv(1 if isThird else c.num_key_value_heads)
    writer.add_layer_norm_rms_eps(c.rms_norm_eps)
    size = getattr(c, "head_dim", None) or width // heads
    if size != width // heads and not hasattr(c, "kv_lora_rank"):
        writer.add_key_length(size)
        writer.add_value_length(size)
    rope = c.rope_parameters
    whole = rope.get("full_attention", rope)
    writer.add_rope_freq_base(whole["rope_theta"])
    if hasattr(c, "kv_lora_rank"):
        own = c.qk_nope_head_dim + c.qk_rope_head_dim
        writer.add_key_length(c.kv_lora_rank + c.qk_rope_head_dim if isThird else own)
        writer.add_value_length(c.kv_lora_rank if isThird else c.v_head_dim)
        writer.add_rope_dimension_count(c.qk_rope_head_dim)
        writer.add_kv_lora_rank(c.kv_lora_rank)
        if c.q_lora_rank: writer.add_q_lora_rank(c.q_lora_rank)
        writer.add_leading_dense_block_count(c.first_k_dense_replace)
        writer.add_expert_shared_count(c.n_shared_experts)
        writer.add_expert_weights_scale(c.routed_scaling_factor)
        writer.add_expert_weights_norm(isThird)
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID if isThird else gguf.ExpertGatingFuncType.SOFTMAX)
        if isThird:
            writer.add_expert_group_count(c.n_group)
            writer.add_expert_group_used_count(c.topk_group)
            writer.add_key_length_mla(own)
            writer.add_value_length_mla(c.v_head_dim)
    count = getattr(c, "num_local_experts", None) or getattr(c, "num_experts", None) or getattr(c, "n_routed_experts", None)
    if count:
        writer.add_expert_count(count)
        writer.add_expert_used_count(c.num_experts_per_tok)
        if hasattr(c, "moe_intermediate_size"): writer.add_expert_feed_forward_length(c.moe_intermediate_size)
        if arch == A.GPT_OSS: writer.add_expert_feed_forward_length(c.intermediate_size)
        if hasattr(c, "shared_expert_intermediate_size"):
            writer.add_expert_shared_feed_forward_length(c.shared_expert_intermediate_size)
    if hasattr(c, "embedding_multiplier"):
        writer.add_embedding_scale(c.embedding_multiplier)
        writer.add_residual_scale(c.residual_multiplier)
        writer.add_logit_scale(c.logits_scaling)
        writer.add_attention_scale(c.attention_multiplier)
    if whole["rope_type"] == "longrope":
        original = whole["original_max_position_embeddings"]
        writer.add_rope_scaling_orig_ctx_len(original)
        stretch = c.max_position_embeddings / original
        writer.add_rope_scaling_attn_factors((1 + np.log(stretch) / np.log(original)) ** 0.5)
    if whole["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(whole["factor"])
    if arch in (A.LLAMA, A.PHI3, A.SMOLLM3, A.GRANITE, A.GRANITE_MOE): writer.add_rope_dimension_count(int(size * whole.get("partial_rotary_factor", 1)))
    if arch == A.GEMMA3:
        writer.add_rope_freq_base_swa(rope["sliding_attention"]["rope_theta"])
        writer.add_sliding_window_pattern(3)
    if arch in (A.GEMMA2, A.GEMMA3, A.PHI3, A.GPT_OSS) and c.sliding_window: writer.add_sliding_window(c.sliding_window)
    if arch == A.GEMMA2:
        writer.add_attn_logit_softcapping(c.attn_logit_softcapping)
        writer.add_final_logit_softcapping(c.final_logit_softcapping)


def make(name):
    arch, config = models[name]
    torch.manual_seed(4)
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for n, p in model.named_parameters():
            if p.dim() == 1: p.add_(torch.randn_like(p) * 0.2)
        for n, b in model.named_buffers():
            if "correction_bias" in n: b.add_(torch.randn_like(b) * 0.3)
    model.eval()
    writer = gguf.GGUFWriter(here / f"{name}.gguf", gguf.MODEL_ARCH_NAMES[arch])
    metadata(writer, config, arch)
    tokenizer(writer)
    state = model.state_dict()
    kinds = mixture.get(name, [Q.F32])
    gemma = arch in (A.GEMMA, A.GEMMA2, A.GEMMA3)
    done = 0
    for key, value in pieces(name, arch, config, state):
        x = value.float().numpy().copy()
        kind = Q.F32
        isMatrix = x.ndim >= 2 and key.endswith("weight") and not any(n in key for n in ("position_embd", "ffn_gate_inp"))
        # gpt-oss has its experts alone in blocks.
        if isMatrix and (arch != A.GPT_OSS or "_exps" in key):
            kind = kinds[done % len(kinds)]
            done += 1
        conv = arch == A.GPT2 and x.ndim == 2 and key.startswith("blk.")
        if conv: x = x.T
        pairs = arch in paired and (".attn_q." in key or ".attn_k." in key)
        heads = config.num_attention_heads if ".attn_q." in key else getattr(config, "num_key_value_heads", 0)
        if pairs: x = permuted(x, heads)
        if gemma and key.endswith("norm.weight"): x = x + 1
        data = gguf.quants.quantize(np.ascontiguousarray(x), kind)
        writer.add_tensor(key, data, raw_dtype=kind)
        # What the file says goes back into the model that computes the logits.
        back = gguf.quants.dequantize(data, kind).reshape(x.shape)
        if gemma and key.endswith("norm.weight"): back = back - 1
        if pairs: back = back.reshape(heads, x.shape[0] // heads // 2, 2, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)
        if conv: back = back.T
        with torch.no_grad(): value.copy_(torch.from_numpy(np.ascontiguousarray(back)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    ids = torch.randint(3, WORDS, (1, 40))
    with torch.no_grad(): logits = model(ids).logits
    save_file({"ids": ids, "logits": logits.contiguous()}, here / f"{name}.safetensors")
    print(name, (here / f"{name}.gguf").stat().st_size, compared(here / f"{name}.gguf", ids[0], logits[0].numpy()))


def compared(path, ids, expected):
    """The largest difference between these logits and llama.cpp's of the file, or why there is none."""
    try: from llama_cpp import Llama
    except ImportError: return "llama.cpp: not here"
    try: llama = Llama(str(path), n_ctx=64, n_batch=64, n_threads=1, logits_all=True, type_k=0, type_v=0, verbose=False)
    except ValueError as error: return f"llama.cpp: {error}"
    llama.eval(ids.tolist())
    return f"llama.cpp: {np.abs(np.array(llama.scores[:len(ids)]) - expected).max():.2g}"


for name in sys.argv[1:] or models: make(name)
(here / "versions.json").write_text(json.dumps(
    {"gguf": "0.19.0", "numpy": np.__version__, "torch": torch.__version__, "transformers": transformers.__version__}) + "\n")
