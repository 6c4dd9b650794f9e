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

# ---- goldens of ops and kernels, computed in float64 from float32 inputs and stored as float32
F = torch.nn.functional
generator = torch.Generator().manual_seed(20260101)
golden = {}


def randn(*shape):
    return torch.randn(*shape, generator=generator)


def put(case, **tensors):
    for name, tensor in tensors.items():
        golden[f"{case}/{name}"] = tensor.float() if tensor.is_floating_point() else tensor


def leaf(x):
    return x.double().requires_grad_()


# Causal attention inside documents, from the definition: softmax(q k^T / sqrt(d) + mask) v.
def packed(case, heads, kv_heads, width, lengths, scale=None):
    tokens = sum(lengths)
    q, k, v = randn(tokens, heads, width), randn(tokens, kv_heads, width), randn(tokens, kv_heads, width)
    upstream = randn(tokens, heads, width)
    Q, K, V = leaf(q), leaf(k), leaf(v)
    document = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    position = torch.arange(tokens)
    seen = (document[:, None] == document[None, :]) & (position[:, None] >= position[None, :])
    kk, vv = (x.repeat_interleave(heads // kv_heads, 1) for x in (K, V))
    scores = torch.einsum("ihd,jhd->hij", Q, kk) * (scale or width**-0.5)
    out = torch.einsum("hij,jhd->ihd", scores.masked_fill(~seen, float("-inf")).softmax(-1), vv)
    out.backward(upstream.double())
    put(case, q=q, k=k, v=v, upstream=upstream, out=out, dq=Q.grad, dk=K.grad, dv=V.grad,
        starts=torch.tensor([0] + list(torch.tensor(lengths).cumsum(0))))


packed("packed.mixed", 2, 2, 8, [5, 1, 7, 7, 3])
packed("packed.single", 3, 3, 16, [11])
packed("packed.short", 2, 2, 8, [1, 2, 1, 3, 2, 2, 1, 4, 1, 1])
packed("packed.grouped", 6, 2, 8, [4, 9, 4], scale=0.25)


# Rotary positions by complex multiplication.
def rope(case, width, half, interleaved):
    x, upstream = randn(6, 2, width), randn(6, 2, width)
    angle = torch.arange(6)[:, None] * 10000 ** (-torch.arange(half) / half)
    X = leaf(x)
    turned = X[..., : 2 * half]
    pairs = turned.unflatten(-1, (half, 2)) if interleaved else turned.unflatten(-1, (2, half)).transpose(-1, -2)
    z = torch.view_as_complex(pairs.contiguous()) * torch.polar(torch.ones_like(angle).double(), angle.double())[:, None]
    z = torch.view_as_real(z)
    y = torch.cat([(z if interleaved else z.transpose(-1, -2)).flatten(-2), X[..., 2 * half :]], -1)
    y.backward(upstream.double())
    put(case, x=x, cos=angle.cos(), sin=angle.sin(), upstream=upstream, out=y, dx=X.grad)


rope("rope.half", 8, 4, False)
rope("rope.interleaved", 8, 4, True)
rope("rope.partial", 10, 3, False)
rope("rope.partial.interleaved", 10, 3, True)

# Cross-entropy and log-probabilities of a linear layer.
hidden, table = randn(9, 6), randn(13, 6)
targets = torch.tensor([0, 12, -1, 5, 5, -100, 3, 7, 1])
weights, upstream = torch.rand(9, generator=generator), randn(9)
H, W = leaf(hidden), leaf(table)
each = F.cross_entropy(H @ W.T, targets.clamp(min=0), reduction="none") * (targets >= 0)
(each * weights.double()).sum().backward()
put("cross_entropy", hidden=hidden, table=table, targets=targets, weights=weights, each=each,
    sum=(each * weights).sum(), dhidden=H.grad, dtable=W.grad)
for temperature in (1.0, 0.7):
    H, W = leaf(hidden), leaf(table)
    distribution = torch.distributions.Categorical(logits=H @ W.T / temperature)
    logprobs = distribution.log_prob(targets.clamp(min=0)) * (targets >= 0)
    (logprobs * upstream.double()).sum().backward()
    put(f"logprobs.{temperature}", out=logprobs, entropy=distribution.entropy(), upstream=upstream, dhidden=H.grad,
        dtable=W.grad)

# Layers.
x, w, b = randn(2, 4, 9), randn(6, 2, 3), randn(6)
put("conv1d", x=x, w=w, b=b, out=F.conv1d(x.double(), w.double(), b.double(), stride=2, padding=1, dilation=2, groups=2))
x, w, b = randn(2, 4, 7, 8), randn(6, 2, 3, 3), randn(6)
put("conv2d", x=x, w=w, b=b, out=F.conv2d(x.double(), w.double(), b.double(), stride=2, padding=1, groups=2))
x, w, b = randn(2, 4, 5, 5), randn(4, 3, 3, 3), randn(3)
put("conv_transpose2d", x=x, w=w, b=b,
    out=F.conv_transpose2d(x.double(), w.double(), b.double(), stride=2, padding=1, output_padding=1))
put("pool", x=x, max=F.max_pool2d(x, 3, 2, 1), mean=F.avg_pool2d(x, 2, 2))
lstm = torch.nn.LSTM(3, 4, num_layers=2, batch_first=True).double()
for p in lstm.parameters():
    p.data = randn(*p.shape).double() * 0.5
x, h, c = randn(2, 5, 3), randn(2, 2, 4), randn(2, 2, 4)
out, (hn, cn) = lstm(x.float().double(), (h.double(), c.double()))
put("lstm", x=x, h=h, c=c, out=out, hn=hn, cn=cn, **{f"w{i}": p for i, p in enumerate(lstm.parameters())})
x, w, b = randn(3, 4, 5), randn(4), randn(4)
put("norms", x=x, w=w, b=b, group=F.group_norm(x.double(), 2, w.double(), b.double(), 1e-5),
    layer=F.layer_norm(x.transpose(1, 2).double(), [4], w.double(), b.double(), 1e-5),
    rms=F.rms_norm(x.transpose(1, 2).double(), [4], w.double(), 1e-6))
mean, var = torch.zeros(4).double(), torch.ones(4).double()
out = F.batch_norm(x.double(), mean, var, w.double(), b.double(), True, 0.1, 1e-5)
put("batch_norm", out=out, mean=mean, var=var)
q, k, v, mask = randn(2, 4, 5, 8), randn(2, 2, 7, 8), randn(2, 2, 7, 8), torch.rand(5, 7, generator=generator) > 0.3
mask[:, 0] = True
put("attention", q=q, k=k, v=v, mask=mask, out=F.scaled_dot_product_attention(
    q.double(), k.double(), v.double(), mask, enable_gqa=True))
logits, labels = randn(5, 7), torch.tensor([1, 0, -100, 6, 3])
put("losses", logits=logits, labels=labels, smooth=F.cross_entropy(logits.double(), labels, label_smoothing=0.1),
    binary=F.binary_cross_entropy_with_logits(logits.double(), logits.sigmoid().round().double(), reduction="sum"))

# Every elementwise op, over a grid that avoids poles.
grid = torch.linspace(-3.05, 3.05, 40)
put("unary", x=grid)
for name in ("neg abs exp expm1 sin cos tanh sigmoid relu silu erf floor ceil round sign square reciprocal softplus "
             "logsigmoid gelu lgamma digamma log log1p log2 sqrt rsqrt elu leaky_relu").split():
    f = getattr(torch, name, None) or getattr(F, name)
    x = grid.double().abs() if name in ("log", "log1p", "log2", "sqrt", "rsqrt") else grid.double()
    put("unary", **{name: f(x)})
put("unary", gelu_tanh=F.gelu(grid.double(), approximate="tanh"))

# Random streams: the same numbers for the same seed.
g = torch.Generator().manual_seed(42)
put("random", normal=torch.randn(20, generator=g), uniform=torch.rand(5, generator=g),
    integers=torch.randint(0, 1000, (6,), generator=g), order=torch.randperm(7, generator=g))

# Optimizers: three steps.
p, grads = randn(5), randn(3, 5)
for name, make in {
    "adamw": lambda q: torch.optim.AdamW([q], lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.2),
    "sgd": lambda q: torch.optim.SGD([q], lr=0.1, momentum=0.9, weight_decay=0.2, nesterov=True),
}.items():
    P = torch.nn.Parameter(p.double().clone())
    optimizer = make(P)
    for step in grads:
        P.grad = step.double()
        optimizer.step()
    put(name, p=p, grads=grads, out=P)

write("golden.safetensors", golden)
