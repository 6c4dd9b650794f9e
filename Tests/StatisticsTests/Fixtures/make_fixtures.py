"""Golden values for the Statistics tests, from SciPy and scikit-learn and from brute force.

Run with: python make_fixtures.py   (numpy, scipy, scikit-learn)
"""

import itertools
import json
import math
import pathlib
import sys

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from sklearn.metrics import brier_score_loss, log_loss

SEED = 20201
rng = np.random.default_rng(SEED)


def floats(values):
    return [float(v) for v in values]


normal = []
for p in [1e-300, 1e-100, 1e-20, 1e-8, 0.001, 0.01, 0.025, 0.1, 0.3, 0.5, 0.7, 0.975, 0.999, 1 - 1e-9]:
    normal.append({"p": p, "x": float(special.ndtri(p))})
cumulative = [{"x": x, "p": float(special.ndtr(x))} for x in [-30, -8, -1.5, -0.1, 0, 0.3, 2, 5]]

wilson = []
for k, n, confidence in [(0, 1, 0.95), (0, 10, 0.95), (3, 10, 0.95), (56, 100, 0.9), (97, 100, 0.99),
                         (100, 100, 0.95), (6500, 10000, 0.95)]:
    interval = stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
    wilson.append({"k": k, "n": n, "confidence": confidence, "low": interval.low, "high": interval.high})

sign = [{"wins": w, "losses": l, "p": float(stats.binomtest(w, w + l, 0.5).pvalue)}
        for w, l in [(1, 0), (5, 0), (3, 7), (10, 10), (40, 21), (520, 480), (9000, 9300)]]

permutation = []
for size, shift in [(5, 0.3), (9, 0.5), (12, 0.0), (14, 0.6)]:
    a = np.round(rng.normal(shift, 1, size), 2)
    b = np.round(rng.normal(0, 1, size), 2)
    d = a - b
    observed = abs(d.sum())
    hits = sum(abs(sum(s * x for s, x in zip(signs, d))) >= observed - 1e-9
               for signs in itertools.product([1, -1], repeat=size))
    permutation.append({"a": floats(a), "b": floats(b), "p": hits / 2 ** size})
a = np.round(rng.normal(0.35, 1, 60), 3)
b = np.round(rng.normal(0, 1, 60), 3)
sampled = stats.permutation_test((a - b,), lambda x: x.sum(), permutation_type="samples",
                                 n_resamples=400_000, random_state=SEED)
large = {"a": floats(a), "b": floats(b), "p": float(sampled.pvalue)}

correlation = []
for size, noise, ties in [(5, 1.0, False), (30, 0.5, False), (200, 2.0, False), (40, 0.7, True)]:
    x = rng.normal(size=size)
    y = x + noise * rng.normal(size=size)
    if ties:
        x, y = np.round(x), np.round(y)
    pearson = stats.pearsonr(x, y)
    interval = pearson.confidence_interval(0.95)
    correlation.append({
        "x": floats(x), "y": floats(y), "pearson": float(pearson.statistic),
        "low": float(interval.low), "high": float(interval.high),
        "spearman": float(stats.spearmanr(x, y).statistic)})

bootstrap = []
for name, sample in [("normal", rng.normal(1, 2, 40)), ("skewed", rng.exponential(1, 50)),
                     ("binary", (rng.random(80) < 0.6).astype(float))]:
    entry = {"name": name, "sample": floats(sample), "mean": float(sample.mean())}
    for method in ["percentile", "BCa"]:
        result = stats.bootstrap((sample,), np.mean, n_resamples=200_000, method=method,
                                 random_state=SEED, batch=2000).confidence_interval
        entry[method.lower()] = [float(result.low), float(result.high)]
    bootstrap.append(entry)

predictions = rng.random(300)
outcomes = (rng.random(300) < predictions ** 1.4).astype(int)
edges = np.linspace(0, 1, 11)
ece = 0.0
for i in range(10):
    inside = (predictions >= edges[i]) & (predictions < edges[i + 1])
    if inside.any():
        ece += inside.mean() * abs(predictions[inside].mean() - outcomes[inside].mean())
calibration = {
    "predictions": floats(predictions), "outcomes": floats(outcomes), "ece": float(ece),
    "brier": float(brier_score_loss(outcomes, predictions)),
    "log_loss": float(log_loss(outcomes, predictions))}

best_of_n = []
for size, ties in [(6, False), (8, True), (10, False)]:
    proxy = rng.normal(size=size)
    if ties:
        proxy = np.round(proxy)
    gold = rng.normal(size=size)
    for n in [1, 2, 3, size]:
        values = []
        for subset in itertools.combinations(range(size), n):
            best = max(proxy[i] for i in subset)
            values.append(np.mean([gold[i] for i in subset if proxy[i] == best]))
        best_of_n.append({"proxy": floats(proxy), "gold": floats(gold), "n": n,
                          "value": float(np.mean(values))})

pass_at_k = [{"samples": N, "correct": c, "k": k,
              "value": float(1 - math.comb(N - c, k) / math.comb(N, k))}
             for N, c, k in [(5, 0, 1), (5, 5, 3), (10, 3, 1), (10, 3, 5), (10, 8, 5), (200, 7, 10),
                             (200, 1, 100), (1000, 2, 500)]]

out = {
    "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__,
                 "scikit-learn": sklearn.__version__},
    "seed": SEED, "normal": normal, "cumulative": cumulative, "wilson": wilson, "sign": sign,
    "permutation": permutation, "largePermutation": large, "correlation": correlation,
    "bootstrap": bootstrap, "calibration": calibration, "bestOfN": best_of_n, "passAtK": pass_at_k}
path = pathlib.Path(__file__).with_name("statistics.json")
path.write_text(json.dumps(out, indent=None, separators=(",", ":")) + "\n")
