"""Makes the golden files of TorchTests with PyTorch and the reference safetensors library.

usage: python make_fixtures.py        (writes beside itself)
made with torch 2.13.0+cpu, safetensors 0.8.0, numpy 2; the versions used are in the files' metadata.
"""
import os

import safetensors
import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
versions = {"format": "pt", "versions": f"torch {torch.__version__}, safetensors {safetensors.__version__}, seed 20260101"}


def write(name, tensors, metadata=versions):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, os.path.join(here, name), metadata)


# ---- every type that the reader knows: values 0, 1, 2 … in [2, 3]
types = {
    "bool": torch.bool, "uint8": torch.uint8, "int8": torch.int8, "int16": torch.int16, "int32": torch.int32,
    "int64": torch.int64, "float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32,
    "float64": torch.float64,
}
every = {name: torch.arange(6).reshape(2, 3).to(kind) for name, kind in types.items()}
every["scalar"] = torch.tensor(2.5)
every["empty"] = torch.zeros(0, 4)
every["a \"quoted\" \\ name\n\u00e9\U0001f600"] = torch.tensor([1.0, -2.0])
write("types.safetensors", every)

# ---- what our writer must reproduce byte for byte (one type per width: the reference orders types of one width its own way)
write("bytes.safetensors", {
    "long": torch.tensor([[-1, 2], [3, 2**40]]), "a": torch.tensor([1.5, -2.25, 3e-8]), "b": torch.ones(2, 0),
    "half": torch.tensor([0.5, 3.0], dtype=torch.bfloat16), "mask": torch.tensor([True, False, True]),
}, {"format": "pt"})
