"""Makes the golden values of NeuralNetworksTests with PyTorch, transformers and peft.

Run it in this folder: python3 make_fixtures.py [name ...]. Every file holds the versions and the seed; numbers are
float32 (or float64 where the reference computes so) written with all their digits.
"""

import json
import math
import sys
import warnings

import numpy as np
import torch

SEED = 20261121
warnings.filterwarnings("ignore")


def plain(x):
    """Tensors become {"shape", "values"}, everything else JSON's own types."""
    if isinstance(x, torch.Tensor):
        return {"shape": list(x.shape), "values": x.detach().to(torch.float64).flatten().tolist()}
    if isinstance(x, np.ndarray):
        return {"shape": list(x.shape), "values": x.astype(np.float64).flatten().tolist()}
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return x


def write(name, content):
    import transformers

    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__}
    with open(f"{name}.json", "w") as file:
        json.dump({"versions": versions, "seed": SEED, **plain(content)}, file)
        file.write("\n")


# ---- optimizers: parameters, a gradient for each step, and the parameters after each step


def muon_reference(shape_values, grads, lr, decay, momentum=0.95, adjust="match_rms_adamw"):
    """Jordan's rule in float64 NumPy, from the formula; independent of torch.optim.Muon."""
    w = shape_values.astype(np.float64)
    buffer = np.zeros_like(w)
    trace = []
    for g, rate in zip(grads, lr):
        g = g.astype(np.float64)
        buffer = momentum * buffer + (1 - momentum) * g
        x = momentum * buffer + (1 - momentum) * g
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        x = x / max(np.linalg.norm(x), 1e-7)
        for _ in range(5):
            a = x @ x.T
            x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
        x = x.T if tall else x
        rows, columns = w.shape
        scale = 0.2 * math.sqrt(max(rows, columns)) if adjust == "match_rms_adamw" else math.sqrt(max(1, rows / columns))
        w = w * (1 - rate * decay) - rate * scale * x
        trace.append(w.copy())
    return trace


def optimizers():
    from transformers.optimization import Adafactor

    rng = np.random.default_rng(SEED)
    shapes = {"matrix": (5, 3), "wide": (4, 12), "vector": (7,), "cube": (2, 3, 4)}
    start = {k: rng.normal(0, 0.5, s).astype(np.float32) for k, s in shapes.items()}
    steps = 6
    grads = [{k: rng.normal(0, 1.0, s).astype(np.float32) for k, s in shapes.items()} for _ in range(steps)]
    lrs = [0.05, 0.04, 0.06, 0.03, 0.02, 0.01]

    def run(make, names=tuple(shapes), absent=()):
        params = {k: torch.nn.Parameter(torch.tensor(start[k])) for k in names}
        optimizer = make(list(params.values()))
        trace = []
        for t in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = lrs[t] if group["lr"] is not None else None
            for k, p in params.items():
                p.grad = None if (k, t) in absent else torch.tensor(grads[t][k])
            optimizer.step()
            trace.append({k: p.detach().clone() for k, p in params.items()})
        return trace

    matrices = ("matrix", "wide")
    cases = {
        "adamw": run(lambda p: torch.optim.AdamW(p, lr=1, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)),
        "adamw_absent": run(
            lambda p: torch.optim.AdamW(p, lr=1, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1),
            absent={("vector", 0), ("vector", 3), ("cube", 2)},
        ),
        "sgd": run(lambda p: torch.optim.SGD(p, lr=1, weight_decay=0.1)),
        "sgd_momentum": run(lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0.1)),
        "sgd_nesterov": run(lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, nesterov=True)),
        "adafactor": run(
            lambda p: Adafactor(p, lr=1, relative_step=False, scale_parameter=False, weight_decay=0.1)
        ),
        "adafactor_scaled": run(lambda p: Adafactor(p, lr=1, relative_step=False, scale_parameter=True)),
        "adafactor_relative": run(lambda p: Adafactor(p, lr=None, relative_step=True, warmup_init=True)),
        "muon_torch": run(
            lambda p: torch.optim.Muon(p, lr=1, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"), names=matrices
        ),
        "muon_original_torch": run(lambda p: torch.optim.Muon(p, lr=1, weight_decay=0.1), names=matrices),
    }
    for name, adjust in (("muon", "match_rms_adamw"), ("muon_original", "original")):
        traces = {k: muon_reference(start[k], [g[k] for g in grads], lrs, 0.1, adjust=adjust) for k in matrices}
        cases[name] = [{k: traces[k][t] for k in matrices} for t in range(steps)]

    clip = {}
    for limit in (0.5, 3.0, 1e9):
        params = [torch.nn.Parameter(torch.tensor(v)) for v in start.values()]
        for p, g in zip(params, grads[0].values()):
            p.grad = torch.tensor(g)
        norm = torch.nn.utils.clip_grad_norm_(params, limit).item()
        clip[str(limit)] = {"norm": norm, "grads": {k: p.grad for k, p in zip(shapes, params)}}
    write("optimizers", {"start": start, "grads": grads, "learning_rates": lrs, "cases": cases, "clip": clip})


# ---- schedules: the factor at every step


def schedules():
    import transformers

    total = 40
    cases = []

    def add(kind, keys, **arguments):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        warmup = arguments.pop("warmup", 0)
        scheduler = transformers.get_scheduler(
            kind, optimizer, num_warmup_steps=warmup, num_training_steps=total, scheduler_specific_kwargs=arguments or None
        )
        factors = []
        for _ in range(total + 5):
            factors.append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
        cases.append({"configuration": {"lr_scheduler_type": kind, "max_steps": total, "warmup_steps": warmup, **keys}, "factors": factors})

    add("constant", {})
    for warmup in (0, 1, 7):
        add("constant_with_warmup", {}, warmup=warmup)
        add("linear", {}, warmup=warmup)
        add("cosine", {}, warmup=warmup)
        add("cosine_with_min_lr", {"min_lr_rate": 0.1}, warmup=warmup, min_lr_rate=0.1)
        add("cosine_with_restarts", {}, warmup=warmup)
        add("cosine_with_restarts", {"num_cycles": 3}, warmup=warmup, num_cycles=3)
        add("inverse_sqrt", {}, warmup=warmup)
        add("inverse_sqrt", {"timescale": 20}, warmup=warmup, timescale=20)
        add("polynomial", {"min_lr_rate": 0.05, "power": 2.0}, warmup=warmup, lr_end=0.05, power=2.0)
        add("warmup_stable_decay", {"num_decay_steps": 10}, warmup=warmup, num_decay_steps=10)
    add("cosine", {"num_cycles": 1.5}, warmup=5, num_cycles=1.5)
    for rise, fall in (("linear", "1-sqrt"), ("cosine", "linear"), ("1-sqrt", "cosine")):
        add(
            "warmup_stable_decay",
            {"num_decay_steps": 12, "warmup_type": rise, "decay_type": fall, "min_lr_rate": 0.2},
            warmup=6, num_decay_steps=12, warmup_type=rise, decay_type=fall, min_lr_ratio=0.2,
        )
    write("schedules", {"cases": cases})


# ---- rotary positions: transformers' own frequencies and table factors


def rotary():
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    cases = []

    def add(width, base, context, parameters, longest=None):
        config = LlamaConfig(
            hidden_size=width * 2, num_attention_heads=2, head_dim=width, max_position_embeddings=context,
            rope_parameters={"rope_theta": base, **parameters},
        )
        kind = parameters["rope_type"]
        if kind == "default":
            inverse = 1.0 / (base ** (torch.arange(0, width, 2, dtype=torch.int64).float() / width))
            factor = 1.0
        else:
            inverse, factor = ROPE_INIT_FUNCTIONS[kind](config, "cpu", seq_len=longest)
        positions = torch.tensor([0, 1, 2, 17, 511, 8191, 100000])
        angles = positions.float()[:, None] * inverse[None, :]
        cases.append(
            {
                "width": width, "base": base, "context": context, "scaling": parameters, "longest": longest or 0,
                "inverse": inverse, "factor": factor, "positions": positions,
                "cos": angles.cos() * factor, "sin": angles.sin() * factor,
            }
        )

    add(64, 10000.0, 2048, {"rope_type": "default"})
    add(128, 500000.0, 8192, {"rope_type": "default"})
    add(64, 10000.0, 4096, {"rope_type": "linear", "factor": 4.0})
    for longest in (None, 512, 2049, 6000):
        add(64, 10000.0, 2048, {"rope_type": "dynamic", "factor": 2.0}, longest)
    llama3 = {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
    add(128, 500000.0, 131072, {**llama3, "factor": 8.0})
    add(64, 500000.0, 131072, {**llama3, "factor": 32.0})
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    add(128, 1000000.0, 131072, yarn)
    add(64, 10000.0, 8192, {**yarn, "original_max_position_embeddings": 2048, "truncate": False})
    add(64, 10000.0, 163840, {"rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 4096,
                              "beta_fast": 32.0, "beta_slow": 1.0, "mscale": 1.0, "mscale_all_dim": 0.707})
    add(64, 10000.0, 8192, {**yarn, "original_max_position_embeddings": 2048, "attention_factor": 1.25})
    rng = np.random.default_rng(SEED)
    long = {"rope_type": "longrope", "original_max_position_embeddings": 4096,
            "short_factor": np.round(rng.uniform(1, 2, 16), 3).tolist(),
            "long_factor": np.round(rng.uniform(1, 40, 16), 3).tolist()}
    for longest in (None, 4096, 4097):
        add(32, 10000.0, 131072, long, longest)
    write("rotary", {"cases": cases})


# ---- layers: weights, inputs, outputs and gradients


def layers():
    from transformers.activations import ACT2FN

    torch.manual_seed(SEED)
    cases = {}

    def gradients(module, output, *inputs):
        probe = torch.randn_like(output)
        names, tensors = zip(*module.named_parameters())
        found = torch.autograd.grad((output * probe).sum(), list(inputs) + list(tensors), allow_unused=True)
        return {
            "probe": probe,
            "input_gradients": [g for g in found[: len(inputs)]],
            "gradients": dict(zip(names, found[len(inputs) :])),
        }

    def add(name, module, x, **extra):
        x = x.requires_grad_()
        state = {k: v.clone() for k, v in module.state_dict().items()}
        y = module(x)
        cases[name] = {"state": state, "input": x, "output": y, **gradients(module, y, x), **extra}

    nn = torch.nn
    add("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), torch.randn(2, 4, 11))
    add("conv2d", nn.Conv2d(3, 5, 3, stride=2, padding=1), torch.randn(2, 3, 8, 7))
    add(
        "conv_transpose2d",
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
        torch.randn(2, 4, 5, 4),
    )
    group = nn.GroupNorm(3, 6)
    nn.init.normal_(group.weight)
    nn.init.normal_(group.bias)
    add("group_norm", group, torch.randn(2, 6, 4, 3))

    norm = nn.BatchNorm2d(3)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    add("batch_norm", norm, torch.randn(4, 3, 2, 5) * 2 + 1)
    after = {k: v.clone() for k, v in norm.state_dict().items()}
    norm.eval()
    x = torch.randn(2, 3, 2, 2)
    cases["batch_norm"].update({"after": after, "eval_input": x, "eval_output": norm(x)})

    lstm = nn.LSTM(3, 5, num_layers=2, batch_first=True)
    x = torch.randn(2, 7, 3).requires_grad_()
    h, c = torch.randn(2, 2, 5), torch.randn(2, 2, 5)
    y, (hn, cn) = lstm(x, (h, c))
    cases["lstm"] = {
        "state": lstm.state_dict(), "input": x, "hidden": h, "cell": c, "output": y, "last_hidden": hn,
        "last_cell": cn, "without_state": lstm(x)[0], **gradients(lstm, y, x),
    }

    attention = nn.MultiheadAttention(12, 3, batch_first=True)
    nn.init.normal_(attention.in_proj_bias)
    nn.init.normal_(attention.out_proj.bias)
    x, context = torch.randn(2, 5, 12).requires_grad_(), torch.randn(2, 4, 12)
    causal = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
    hidden = torch.tensor([[False, False, True, True], [False, False, False, True]])
    y = attention(x, x, x, need_weights=False)[0]
    cases["attention"] = {
        "state": attention.state_dict(), "input": x, "context": context, "output": y,
        "causal": attention(x, x, x, attn_mask=causal, need_weights=False)[0],
        "cross": attention(x, context, context, need_weights=False)[0],
        "allowed": (~hidden).long(),
        "masked": attention(x, context, context, key_padding_mask=hidden, need_weights=False)[0],
        **gradients(attention, y, x),
    }

    x = torch.linspace(-7, 7, 57)
    names = ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "relu", "relu2", "relu6", "leaky_relu",
             "silu", "swish", "mish", "tanh", "sigmoid", "linear"]
    cases["activations"] = {"input": x, "outputs": {name: ACT2FN[name](x) for name in names}}
    write("layers", {"cases": cases})


# ---- adapters: peft's forward pass, gradients and names


def adapters():
    import peft
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(SEED)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.up = torch.nn.Linear(6, 10)
            self.inner = torch.nn.ModuleList([torch.nn.Linear(10, 10), torch.nn.Linear(10, 10, bias=False)])
            self.down = torch.nn.Linear(10, 4)

        def forward(self, x):
            x = torch.tanh(self.up(x))
            for layer in self.inner:
                x = torch.tanh(layer(x))
            return self.down(x)

    cases = {}
    for name in ("plain", "rank_stabilized", "dora"):
        net = Net()
        base = {k: v.clone() for k, v in net.state_dict().items()}
        config = peft.LoraConfig(r=3, lora_alpha=12, target_modules=["up", "1"], lora_dropout=0.0,
                                 use_rslora=name == "rank_stabilized", use_dora=name == "dora")
        model = peft.get_peft_model(net, config)
        for key, value in model.named_parameters():
            if "lora_B" in key:
                torch.nn.init.normal_(value)
            if "magnitude" in key:
                torch.nn.init.uniform_(value, 0.5, 2)
        x = torch.randn(5, 6)
        y = model(x)
        y.square().sum().backward()
        gradients = {
            k.replace(".default", "").replace("vector.weight", "vector"): p.grad for k, p in model.named_parameters() if p.requires_grad
        }
        state = {k: v.clone() for k, v in get_peft_model_state_dict(model).items()}
        cases[name] = {
            "base": base, "state": state, "input": x, "output": y, "gradients": gradients,
            "merged": {k: v.clone() for k, v in model.merge_and_unload().state_dict().items()},
        }
    write("adapters", {"peft": peft.__version__, "cases": cases})


if __name__ == "__main__":
    makers = (optimizers, schedules, rotary, layers, adapters)
    for maker in makers:
        if not sys.argv[1:] or maker.__name__ in sys.argv[1:]:
            maker()
