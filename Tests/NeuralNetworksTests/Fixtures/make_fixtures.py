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


if __name__ == "__main__":
    torch.manual_seed(SEED)
    makers = {name: value for name, value in list(globals().items()) if name in ("optimizers", "schedules")}
    for name in sys.argv[1:] or makers:
        makers[name]()
