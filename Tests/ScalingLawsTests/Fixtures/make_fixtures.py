"""Golden values of ScalingLawsTests: the same fits by SciPy. Versions: see Tests/requirements.txt.

usage: python make_fixtures.py [CHINCHILLA.csv]    (the points read off the Chinchilla paper's figure 4, which aren't shipped:
without them their values stay as they are)

Every law is log L = logsumexp(e, a_j - alpha_j log x_j), and what is minimised is the sum of Huber losses (delta 1e-3) of its
residuals: approach 3 of Hoffmann et al. (2022). BFGS from each start, and once more from the best.
"""
import csv
import itertools
import json
import os
import sys

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.spatial import ConvexHull
from scipy.special import huber, logsumexp, softmax

DELTA = 1e-3


def fit(inputs, losses, constant=True, fixed=None, delta=DELTA):
    logs = np.log(np.asarray(inputs, float))
    centre = logs.mean(axis=0)
    logs = logs - centre
    target = np.log(np.asarray(losses, float))
    terms = logs.shape[1]

    def split(p):
        e = p[0] if constant else -np.inf
        q = p[1 if constant else 0:]
        a = q[:terms]
        alpha = q[terms:] if fixed is None else np.asarray(fixed, float)
        return e, a, alpha

    def objective(p):
        e, a, alpha = split(p)
        z = np.concatenate([np.full((len(target), 1), e), a - alpha * logs], axis=1)
        r = logsumexp(z, axis=1) - target
        w = softmax(z, axis=1)
        slope = np.clip(r, -delta, delta)
        grad = [slope @ w[:, 0]] if constant else []
        grad += [slope @ w[:, 1 + j] for j in range(terms)]
        if fixed is None:
            grad += [slope @ (-w[:, 1 + j] * logs[:, j]) for j in range(terms)]
        return huber(delta, r).sum(), np.array(grad)

    grid = ([[-1, 0, 1]] if constant else []) + [[0, 10, 20]] * terms
    if fixed is None:
        grid += [[0.1, 1.0]] * terms
    best = None
    for start in itertools.product(*grid):
        p = np.array(start, float)
        offset = 1 if constant else 0
        alpha = p[offset + terms:] if fixed is None else np.asarray(fixed, float)
        p[offset:offset + terms] -= alpha * centre
        found = minimize(objective, p, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 5000})
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun):
            best = found
    for method in ["BFGS", "Nelder-Mead", "BFGS"]:
        again = minimize(
            objective if method == "BFGS" else (lambda p: objective(p)[0]), best.x,
            jac=True if method == "BFGS" else None, method=method,
            options={"gtol": 1e-11} if method == "BFGS" else {"xatol": 1e-10, "fatol": 1e-16, "maxiter": 20000})
        if again.fun <= best.fun:
            best = again
    e, a, alpha = split(best.x)
    a = a + alpha * centre
    return {
        "irreducible": float(np.exp(e)) if constant else 0.0,
        "coefficients": [float(v) for v in np.exp(a)],
        "exponents": [float(v) for v in alpha],
        "objective": float(best.fun),
    }


def main():
    random = np.random.default_rng(20)
    cases = []
    for name, x, truth, constant in [
        ("image 8, L(N)", np.geomspace(1e5, 1e9, 12), lambda n: 3.12 + (n / 8.0e1) ** -0.24, True),
        ("language, L(N)", np.geomspace(1e5, 1e9, 12), lambda n: (n / 1.47e14) ** -0.070, False),
        ("math, L(N)", np.geomspace(1e4, 4e8, 15), lambda n: 0.28 + (n / 1.1e4) ** -0.16, True),
    ]:
        losses = truth(x) * np.exp(random.normal(0, 0.003, len(x)))
        inputs = [[float(v)] for v in x]
        cases.append({
            "name": name, "inputs": inputs, "losses": [float(v) for v in losses], "constant": constant,
            "fit": fit(inputs, losses, constant)})
    inputs = [[n, d] for n in np.geomspace(1e6, 1e9, 6) for d in np.geomspace(1e8, 1e11, 6)]
    losses = [1.8172 + 482.01 / n ** 0.3478 + 2085.43 / d ** 0.3658 for n, d in inputs]
    losses = np.array(losses) * np.exp(random.normal(0, 0.004, len(losses)))
    cases.append({
        "name": "L(N, D)", "inputs": [[float(v) for v in row] for row in inputs], "losses": [float(v) for v in losses],
        "constant": True, "fit": fit(inputs, losses)})

    batches = np.geomspace(16, 8192, 10)
    steps = (1500 + 4e5 / batches) * np.exp(random.normal(0, 0.01, 10))
    critical = {
        "batches": [float(v) for v in batches], "steps": [float(v) for v in steps],
        "fit": fit([[v] for v in batches], steps, True, fixed=[1.0])}

    # Convex hull: the lower left part of the hull of (log C, log L), by Qhull.
    cloud = np.stack([random.uniform(10, 20, 80), np.zeros(80)], axis=1)
    cloud[:, 1] = 2 - 0.05 * cloud[:, 0] + random.exponential(0.05, 80)
    hull = ConvexHull(cloud)
    lower = set()
    for simplex, equation in zip(hull.simplices, hull.equations):
        if equation[1] < 0 and -equation[0] / equation[1] < 0:
            lower.update(int(v) for v in simplex)
    frontier = {"points": cloud.tolist(), "lower": sorted(lower, key=lambda i: cloud[i, 0])}

    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scaling.json")
    chinchilla = json.load(open(place)).get("chinchilla") if os.path.exists(place) else None
    if len(sys.argv) > 1:
        rows = list(csv.DictReader(open(sys.argv[1])))
        points = [
            (float(r["Model Size"]), float(r["Training FLOP"]) / (6 * float(r["Model Size"])), float(r["loss"]))
            for r in rows]
        least = sorted(points, key=lambda p: -p[2])[5:]
        chinchilla = {
            "all": fit([p[:2] for p in points], [p[2] for p in points]),
            "withoutFive": fit([p[:2] for p in least], [p[2] for p in least])}
    json.dump(
        {"versions": {"numpy": np.__version__, "scipy": scipy.__version__}, "cases": cases, "critical": critical,
         "frontier": frontier, "chinchilla": chinchilla}, open(place, "w"), indent=1)


main()
