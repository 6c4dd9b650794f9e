"""GGUF files of tiny random models, with the logits that transformers computes for the weights inside them.

usage: python make_gguf_fixtures.py [NAME …]    writes gguf/NAME.gguf and gguf/NAME.safetensors beside this file; seed 4
       (every type's blocks and split files: make_block_fixtures.py)

The tensors get the names of gguf's own table (gguf.get_tensor_name_map) and are stored as llama.cpp's converter does:
Llama's queries and keys with their turned features in pairs, Gemma's norms with 1 added, GPT-2's weights untransposed.
"""
import json, pathlib, sys
import gguf, numpy as np, torch, transformers
from gguf import GGMLQuantizationType as Q
from safetensors.torch import save_file
from transformers import (
    Gemma2Config, Gemma3TextConfig, GPT2Config, LlamaConfig, Olmo2Config, Phi3Config, Qwen2Config, Qwen3Config)

here = pathlib.Path(__file__).parent / "gguf"
here.mkdir(exist_ok=True)
WORDS = 64
common = dict(
    vocab_size=WORDS, hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2,
    max_position_embeddings=64, initializer_range=0.3, bos_token_id=1, eos_token_id=2, pad_token_id=None)
grouped = dict(num_key_value_heads=2)
gemma = dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=6, **grouped)
A = gguf.MODEL_ARCH
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
}
# The types of the matrices of one model; the rest stays F32. Rows of 32 can't have the K types: see make_block_fixtures.py.
mixture = {"llama": [Q.Q8_0, Q.Q4_0, Q.F16, Q.BF16], "qwen2": [Q.F16], "qwen3": [Q.F16], "gemma2": [Q.BF16], "gemma3": [Q.Q8_0],
           "phi3": [Q.BF16], "gpt2": [Q.F16]}


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
    writer.add_head_count_kv(c.num_key_value_heads)
    writer.add_layer_norm_rms_eps(c.rms_norm_eps)
    size = getattr(c, "head_dim", None) or width // heads
    if size != width // heads:
        writer.add_key_length(size)
        writer.add_value_length(size)
    rope = c.rope_parameters
    whole = rope.get("full_attention", rope)
    writer.add_rope_freq_base(whole["rope_theta"])
    if whole["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(whole["factor"])
    if arch in (A.LLAMA, A.PHI3): writer.add_rope_dimension_count(int(size * whole.get("partial_rotary_factor", 1)))
    if arch == A.GEMMA3:
        writer.add_rope_freq_base_swa(rope["sliding_attention"]["rope_theta"])
        writer.add_sliding_window_pattern(3)
    if arch in (A.GEMMA2, A.GEMMA3, A.PHI3): writer.add_sliding_window(c.sliding_window)
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
    model.eval()
    writer = gguf.GGUFWriter(here / f"{name}.gguf", gguf.MODEL_ARCH_NAMES[arch])
    metadata(writer, config, arch)
    tokenizer(writer)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    state = model.state_dict()
    kinds = mixture.get(name, [Q.F32])
    done = 0
    for key, value in state.items():
        if key == "lm_head.weight" and config.tie_word_embeddings: continue
        x = value.float().numpy().copy()
        kind = Q.F32
        if x.ndim == 2 and "wpe" not in key:
            kind = kinds[done % len(kinds)]
            done += 1
        conv = arch == A.GPT2 and x.ndim == 2 and ".h." in key
        if conv: x = x.T
        pairs = arch == A.LLAMA and (".q_proj." in key or ".k_proj." in key)
        heads = config.num_attention_heads if ".q_proj." in key else getattr(config, "num_key_value_heads", 0)
        if pairs: x = permuted(x, heads)
        if arch in (A.GEMMA2, A.GEMMA3) and key.endswith("norm.weight"): x = x + 1
        data = gguf.quants.quantize(np.ascontiguousarray(x), kind)
        writer.add_tensor(names.get_name(key, try_suffixes=(".weight", ".bias")), data, raw_dtype=kind)
        # What the file says goes back into the model that computes the logits.
        back = gguf.quants.dequantize(data, kind).reshape(x.shape)
        if arch in (A.GEMMA2, A.GEMMA3) and key.endswith("norm.weight"): back = back - 1
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
    print(name, (here / f"{name}.gguf").stat().st_size)


for name in sys.argv[1:] or models: make(name)
(here / "versions.json").write_text(json.dumps(
    {"gguf": "0.19.0", "numpy": np.__version__, "torch": torch.__version__, "transformers": transformers.__version__}) + "\n")
