"""Blocks of random bits in each of ggml's types with the gguf package's own dequantisation, and a model split into three files.

usage: python make_block_fixtures.py        writes gguf/blocks.* and gguf/split-* beside this file; seed 5

Needs gguf==0.19.0, numpy and safetensors; gguf/llama.gguf is there already (make_gguf_fixtures.py).
"""
import importlib.metadata, json, pathlib
import gguf, numpy as np
from gguf import GGMLQuantizationType as Q, GGUFValueType as V
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent / "gguf"
SHAPE = (2, 512)
# ggml's block_q8_1 begins with two halves; the package's table still counts them as floats, and it reads neither Q8_1 nor Q8_K.
gguf.GGML_QUANT_SIZES[Q.Q8_1] = (32, 36)
by_hand = {
    Q.Q8_1: lambda x: x[..., :2].copy().view(np.float16).astype(np.float32) * x[..., 4:].copy().view(np.int8).astype(np.float32),
    Q.Q8_K: lambda x: x[..., :4].copy().view(np.float32) * x[..., 4:260].copy().view(np.int8).astype(np.float32),
}
# Where a block keeps its halves, so that random ones are ordinary numbers; IQ1_M's lies in four pieces.
halves = {
    Q.Q2_K: (80, 82), Q.Q3_K: (108,), Q.Q6_K: (208,), Q.TQ1_0: (52,), Q.TQ2_0: (64,), Q.Q4_1: (0, 2), Q.Q5_1: (0, 2), Q.Q4_K: (0, 2),
    Q.Q5_K: (0, 2), Q.Q8_1: (0, 2), Q.IQ1_M: (), Q.Q8_K: (), Q.MXFP4: (), Q.NVFP4: (),
}
plain = (Q.F32, Q.F16, Q.BF16)
unknown = (Q.I8, Q.I16, Q.I32, Q.I64, Q.F64, Q.Q1_0)


def blocks():
    random = np.random.default_rng(5)
    writer = gguf.GGUFWriter(here / "blocks.gguf", "none")
    expected = {}
    for kind in Q:
        if kind in unknown: continue
        length, size = gguf.GGML_QUANT_SIZES[kind]
        if kind in plain:
            data = gguf.quants.quantize(random.standard_normal(SHAPE).astype(np.float32), kind)
        else:
            each = random.integers(0, 256, (SHAPE[0], SHAPE[1] // length, size), dtype=np.uint8)
            for at in halves.get(kind, (0,)):
                each[:, :, at:at + 2] = random.standard_normal((*each.shape[:2], 1)).astype(np.float16).view(np.uint8)
                # A scale too small for half precision's ordinary numbers, and minus zero.
                each[0, 0, at:at + 2], each[1, 0, at:at + 2] = [3, 0], [0, 0x80]
            if kind == Q.Q8_K: each[:, :, :4] = random.standard_normal((*each.shape[:2], 1)).astype(np.float32).view(np.uint8)
            if kind == Q.IQ1_M:
                d = random.standard_normal(each.shape[:2]).astype(np.float16).view(np.uint16)
                for i in range(4): each[:, :, 49 + 2 * i] = each[:, :, 49 + 2 * i] & 15 | (d >> 4 * i & 15) << 4
            if kind == Q.MXFP4:
                # The largest exponents overflow; the two smallest have a form of their own.
                each[:, :, 0] = np.minimum(each[:, :, 0], 250)
                each[0, :2, 0] = [0, 1]
            data = each.reshape(SHAPE[0], -1)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        restored = by_hand[kind](each) if kind in by_hand else gguf.quants.dequantize(data, kind)
        expected[kind.name] = np.ascontiguousarray(restored.reshape(SHAPE).astype(np.float32))
        assert np.isfinite(expected[kind.name]).all(), kind
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, here / "blocks.safetensors")


def split():
    reader = gguf.GGUFReader(here / "llama.gguf")
    writer = gguf.GGUFWriter(here / "split.gguf", "llama", split_max_tensors=8)
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture": continue
        kind = field.types[0]
        writer.add_key_value(field.name, field.contents(), kind, sub_type=field.types[-1] if kind == V.ARRAY else None)
    for tensor in reader.tensors: writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


blocks()
split()
(here / "block-versions.json").write_text(
    json.dumps({name: importlib.metadata.version(name) for name in ("gguf", "numpy", "safetensors")}) + "\n")
