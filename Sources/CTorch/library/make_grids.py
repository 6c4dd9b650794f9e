"""Writes grids.h: the lattices of ggml's IQ types, out of the gguf package (0.19.0), which has them as packed text.

usage: python make_grids.py        needs gguf==0.19.0 and numpy; writes grids.h beside this file
"""
import pathlib
import gguf.quants as quants

lines = [
    "// The lattices of ggml's IQ types: which eight (IQ1, IQ2) or four (IQ3) numbers an index stands for. Made by make_grids.py.",
    "// Each entry packs its numbers' places among the type's few levels, two bits (of eight) or four bits (of four) a number, the",
    "// first in the lowest bits.",
    "#pragma once", "", "#include <cstdint>", "", "namespace grids {"]
for name in ("IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ1_S"):
    kind = getattr(quants, name)
    kind.init_grid()
    count, length = kind.grid_shape
    levels = [float(level) for level in kind.grid_map]
    bits = 16 // length
    rows = kind.grid.reshape(count, length)
    entries = [sum(levels.index(float(x)) << (bits * i) for i, x in enumerate(row)) for row in rows]
    lines += ["", f"inline constexpr uint16_t {name.lower()}[{count}] = {{"]
    texts = [f"0x{entry:04x}," for entry in entries]
    lines += ["    " + " ".join(texts[i:i + 14]) for i in range(0, count, 14)]
    lines += ["};"]
lines += ["", "} // namespace grids", ""]
(pathlib.Path(__file__).parent / "grids.h").write_text("\n".join(lines))
