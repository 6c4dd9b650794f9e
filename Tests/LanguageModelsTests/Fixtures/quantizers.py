"""What gguf's and llama.cpp's quantisers make of some rows, and which types llama.cpp gives each tensor of some models.

usage: python quantizers.py WORK      writes gguf/quantizers.safetensors and gguf/mixes.json beside this file; WORK is a folder for files

Needs gguf==0.19.0, llama-cpp-python==0.3.36, numpy, safetensors. The types of 32 numbers are gguf's own code, the K types libggml's.
"""
import ctypes, importlib.metadata, json, pathlib, sys
import gguf, llama_cpp, numpy as np
from gguf import GGMLQuantizationType as Q
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent / "gguf"
work = pathlib.Path(sys.argv[1])
base = ctypes.CDLL(str(pathlib.Path(llama_cpp.__file__).parent / "lib" / "libggml-base.so"))
base.ggml_quantize_chunk.restype = ctypes.c_size_t


def rows():
    random = np.random.default_rng(11)
    x = [random.standard_normal((2, 512)), random.standard_t(3, (2, 512)), random.standard_normal((2, 512)) * 1e-3 + 0.02,
         np.abs(random.standard_normal((1, 512))), random.laplace(size=(1, 512)) * np.exp(random.standard_normal((1, 512)))]
    x = np.concatenate(x).astype(np.float32)
    # Blocks of nothing, of one number, with one outlier, and too small for half precision's ordinary numbers.
    x[0, :32], x[0, 32:64], x[0, 64] = 0, -0.75, 100
    x[1, :32] *= 1e-6
    x[1, 32:64] = np.abs(x[1, 32:64]) + 3
    return x


def blocks(x):
    made = {"x": x}
    for kind in (Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q8_0, Q.BF16, Q.F16):
        made[kind.name] = np.ascontiguousarray(gguf.quants.quantize(x, kind)).view(np.uint8).reshape(x.shape[0], -1)
    for kind in (Q.Q4_K, Q.Q5_K, Q.Q6_K):
        length, size = gguf.GGML_QUANT_SIZES[kind]
        out = np.zeros((x.shape[0], x.shape[1] // length * size), dtype=np.uint8)
        base.ggml_quantize_chunk(
            int(kind), x.ctypes.data_as(ctypes.c_void_p), out.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(0),
            ctypes.c_int64(x.shape[0]), ctypes.c_int64(x.shape[1]), None)
        made[kind.name] = out
    save_file(made, here / "quantizers.safetensors")


# Names of models, their architecture and sizes: rows that the K types fit, rows that they don't, rows that nothing fits; tables tied
# and not; queries, keys and values in one; 80 layers, for which there is a rule of its own.
CASES = {
    "llama": dict(arch="llama", width=256, inner=512, heads=4, keys=2, layers=24, tied=False),
    "qwen2": dict(arch="qwen2", width=96, inner=256, heads=4, keys=2, layers=9, tied=True),
    "phi3": dict(arch="phi3", width=256, inner=256, heads=4, keys=4, layers=16, tied=False),
    "gemma3": dict(arch="gemma3", width=160, inner=512, heads=4, keys=1, layers=18, tied=True),
    "odd": dict(arch="llama", width=48, inner=80, heads=4, keys=4, layers=5, tied=True),
    "seventy": dict(arch="llama", width=256, inner=256, heads=4, keys=1, layers=80, tied=False),
    "gpt2": dict(arch="gpt2", width=256, inner=512, heads=4, keys=4, layers=12, tied=True),
}
SCHEMES = ["F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q5_1", "Q5_0", "Q4_K_M", "Q4_K_S", "Q4_1", "Q4_0"]
FILE_TYPES = dict(F32=0, F16=1, BF16=32, Q8_0=7, Q6_K=18, Q5_K_M=17, Q5_K_S=16, Q5_1=9, Q5_0=8, Q4_K_M=15, Q4_K_S=14, Q4_1=3, Q4_0=2)


def tensors(c):
    width, inner, size = c["width"], c["inner"], c["width"] // c["heads"]
    keys, fused, plain = c["keys"] * size, c["arch"] in ("phi3", "gpt2"), c["arch"] == "gpt2"
    made = {"token_embd.weight": (64, width), "output_norm.weight": (width,)}
    if not c["tied"]: made["output.weight"] = (64, width)
    if plain: made["position_embd.weight"] = (32, width)
    for i in range(c["layers"]):
        layer = {"attn_norm": (width,), "ffn_norm": (width,), "attn_output": (width, width), "ffn_down": (width, inner)}
        if fused: layer["attn_qkv"] = (width + 2 * keys, width)
        else: layer |= {"attn_q": (width, width), "attn_k": (keys, width), "attn_v": (keys, width)}
        layer |= {"ffn_up": (inner * (2 if c["arch"] == "phi3" else 1), width)}
        if not fused: layer["ffn_gate"] = (inner, width)
        made |= {f"blk.{i}.{name}.weight": shape for name, shape in layer.items()}
        if plain: made[f"blk.{i}.attn_output.bias"] = (width,)
    return made


def write(name, c):
    writer = gguf.GGUFWriter(work / f"{name}.gguf", c["arch"])
    writer.add_context_length(32)
    writer.add_embedding_length(c["width"])
    writer.add_block_count(c["layers"])
    writer.add_feed_forward_length(c["inner"])
    writer.add_head_count(c["heads"])
    writer.add_head_count_kv(c["keys"])
    if c["arch"] == "gpt2": writer.add_layer_norm_eps(1e-5)
    else: writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(c["width"] // c["heads"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([f"t{i}" for i in range(64)])
    writer.add_token_merges([])
    random = np.random.default_rng(3)
    for tensor, shape in tensors(c).items(): writer.add_tensor(tensor, random.standard_normal(shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def mixes():
    found = {}
    for name, c in CASES.items():
        write(name, c)
        found[name] = {**c, "tensors": {t: list(s) for t, s in tensors(c).items()}, "types": {}}
        for scheme in SCHEMES:
            out = work / f"{name}-{scheme}.gguf"
            params = llama_cpp.llama_model_quantize_default_params()
            params.ftype, params.nthread = FILE_TYPES[scheme], 1
            status = llama_cpp.llama_model_quantize(str(work / f"{name}.gguf").encode(), str(out).encode(), ctypes.byref(params))
            assert status == 0, (name, scheme)
            types = {t.name: t.tensor_type.name for t in gguf.GGUFReader(out).tensors}
            # What is most common is left out, for the file's size.
            usual = max(set(types.values()), key=list(types.values()).count)
            found[name]["types"][scheme] = {"usual": usual, "other": {t: k for t, k in types.items() if k != usual}}
            out.unlink()
    versions = {p: importlib.metadata.version(p) for p in ("gguf", "llama-cpp-python", "numpy")}
    (here / "mixes.json").write_text(json.dumps({"versions": versions, "models": found}, separators=(",", ":")) + "\n")


# Kept by name: libllama calls it for as long as the program runs.
quiet = llama_cpp.llama_log_callback(lambda *_: None)
llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
blocks(rows())
mixes()
