"""Exact posteriors of models whose structure is random, and moments of distributions cut to hard intervals.

    python make_posteriors.py       # writes structures.json and truncated.json beside itself

Structures are summed path by path in plain Python; cut distributions are integrated by mpmath at 50 digits
and held to SciPy's truncnorm where that has the digits. No randomness.
"""
import itertools
import json
import math
import pathlib

import mpmath as mp
import numpy as np
import scipy
from scipy import integrate, stats

here = pathlib.Path(__file__).parent
mp.mp.dps = 50


# MARK: Models whose number of choices, of observations, or of both is random

def posterior(paths):
    """Normalised probabilities by value, and the log evidence, of (value, prior, log likelihood) paths."""
    table, total = {}, 0.0
    for value, prior, score in paths:
        table[value] = table.get(value, 0.0) + prior * math.exp(score)
        total += prior * math.exp(score)
    return {str(k): v / total for k, v in table.items()}, math.log(total)


def choices_change():
    """A count of dice, one factor on their sum."""
    for count in range(1, 5):
        for dice in itertools.product(range(3), repeat=count):
            for extra, p in [(0, 0.5), (0, 0.25), (1, 0.25)]:
                total = sum(dice) + extra
                yield total * 10 + count, 0.25 * 3.0 ** -count * p, -abs(total - 4.0)


def observations_change():
    """As many observations as the first choice says."""
    for count in range(4):
        yield count, 0.25, math.log(0.6) + sum(math.log([0.9, 0.5, 0.8][i]) for i in range(count))


def short_or_long():
    """A short program, or a long one that draws a bias and makes four more observations."""
    yield 1, 0.1, -0.3
    for bias in [0.3, 0.6, 0.9]:
        score = sum(math.log(bias if seen else 1 - bias) for seen in [True, True, False, True])
        yield 0, 0.9 / 3, -0.3 + score


def rounds():
    """Up to six rounds, each with a symbol and an observation of it."""
    def go(length, prior, score, ones):
        stop = 0.4 if length < 6 else 1.0
        yield length * 10 + ones, prior * stop, score + math.log(0.2 + 0.1 * length)
        if length < 6:
            for symbol, p in [(0, 0.7), (1, 0.3)]:
                seen = 0.9 if symbol == length % 2 else 0.35
                yield from go(length + 1, prior * 0.6 * p, score + math.log(seen), ones + symbol)
    yield from go(0, 1.0, 0.0, 0)


def tree():
    """A tree of depth three at most, each leaf with a number and an observation."""
    def grow(depth):
        leaf = 0.5 if depth < 3 else 1.0
        for number in range(3):
            yield (number, 1), leaf / 3, -0.5 * abs(number - 1.4)
        if depth < 3:
            parts = list(grow(depth + 1))
            merged = {}
            for (a, m), p, s in parts:
                merged[(a, m)] = merged.get((a, m), 0.0) + p * math.exp(s)
            for (a, m), p in merged.items():
                for (b, n), q in merged.items():
                    yield (a + b, m + n), (1 - leaf) * p * q, 0.0
    for (total, leaves), prior, score in grow(0):
        yield min(total, 9) * 100 + leaves, prior, score - 0.2 * abs(total - 5)


def ruled_out():
    """A branch that makes more choices and is often ruled out half-way."""
    for branch, p in [(0, 0.3), (1, 0.7)]:
        if branch == 0:
            yield 0, p, math.log(0.25)
        else:
            for a in range(4):
                for b in range(4):
                    if a != b:
                        yield 1 + a, p / 16, math.log(0.25) + math.log(0.5) * a


structures = []
for make in [choices_change, observations_change, short_or_long, rounds, tree, ruled_out]:
    probabilities, evidence = posterior(make())
    structures.append(dict(model=make.__name__, probabilities=probabilities, logEvidence=evidence))

# A hidden chain that is only observed in one of its states, by the forward recursion.
alpha, log_evidence = np.array([0.5, 0.5]), 0.0
for seen in [True, False, True, True]:
    alpha = np.array([[0.7, 0.3], [0.4, 0.6]]).T @ alpha
    alpha = alpha * np.array([1.0, 0.8 if seen else 0.2])
    log_evidence += math.log(alpha.sum())
    alpha /= alpha.sum()
structures.append(dict(
    model="seen_in_one_state", probabilities={"0": alpha[0], "1": alpha[1]}, logEvidence=log_evidence))

# A real parameter with one observation more where it is positive.
pdf = lambda x: stats.norm.pdf(x) * stats.norm.pdf(0.5, x, 1) * (stats.norm.pdf(2.0, x, 1) if x > 0 else 1.0)
z = integrate.quad(pdf, -12, 0)[0] + integrate.quad(pdf, 0, 12)[0]
upper = integrate.quad(pdf, 0, 12)[0] / z
mean = (integrate.quad(lambda x: x * pdf(x), -12, 0)[0] + integrate.quad(lambda x: x * pdf(x), 0, 12)[0]) / z
structures.append(dict(
    model="real_observations_change", probabilities={"positive": upper, "mean": mean}, logEvidence=math.log(z)))

# A count whose evidence lies far out in its prior's tail: Poisson(3) seen as 40 give or take 1.
terms = [(k, mp.e ** -3 * mp.mpf(3) ** k / mp.factorial(k) * mp.e ** (-mp.mpf(k - 40) ** 2 / 2)) for k in range(200)]
total = sum(t for _, t in terms)
structures.append(dict(
    model="evidence_in_the_tail", probabilities={"mean": float(sum(k * t for k, t in terms) / total)},
    logEvidence=float(mp.log(total))))

(here / "structures.json").write_text(json.dumps(structures, indent=0))


# MARK: Distributions cut to intervals

def cut(name, parameters, log_density, a, b, knots):
    """Log mass, moments and a middle of a density between a and b; `knots` lead quadrature to the mass."""
    ends = [mp.mpf(a)] + [mp.mpf(k) for k in knots if a < k < b] + [mp.mpf(b)]
    top = max(log_density(mp.mpf(k)) for k in ends[1:-1])
    f = lambda x: mp.e ** (log_density(x) - top)
    integral = lambda g: mp.quad(lambda x: g(x) * f(x), ends)
    z = integral(lambda x: mp.mpf(1))
    mean = integral(lambda x: x) / z
    variance = integral(lambda x: (x - mean) ** 2) / z
    points = [float(k) for k in ends[1:-1]]
    below = []
    for x in points:
        inside = [e for e in ends if e < x] + [mp.mpf(x)]
        below.append(float(mp.quad(f, inside) / z))
    return dict(
        distribution=name, parameters=parameters, lower=str(a), upper=str(b), logMass=float(mp.log(z) + top),
        mean=float(mean), variance=float(variance), x=points, cumulative=below)


def normal(mu, sd):
    mu, sd = mp.mpf(mu), mp.mpf(sd)
    return lambda x: -((x - mu) / sd) ** 2 / 2 - mp.log(sd) - mp.log(2 * mp.pi) / 2


rows = []
for mu, sd, a, b in [
    (50000, 1, 0, math.inf), (1e6, 5, 0, math.inf), (0, 1, -1e5, 1), (0, 1, 50, 60), (0, 1, 50, math.inf),
    (0, 1, -math.inf, -300), (3, 2, 1003, math.inf), (0, 1, 1, 1 + 1e-6), (0, 1, -1e-9, 1e-9), (0, 1, 38, 39),
    (0, 1, -1, 2), (5, 0.1, -1e8, 1e8), (-1e4, 3, 0, 1), (0, 1, 0, math.inf),
]:
    alpha, beta = (a - mu) / sd, (b - mu) / sd
    if alpha > 0:
        scale = 1 / max(alpha, 1)
        knots = [mu + sd * (alpha + scale * k) for k in [0.05, 0.5, 1, 2, 4, 8, 16, 32, 64]]
    elif beta < 0:
        scale = 1 / max(-beta, 1)
        knots = [mu + sd * (beta - scale * k) for k in [64, 32, 16, 8, 4, 2, 1, 0.5, 0.05]]
    else:
        knots = [mu + sd * k for k in [-12, -8, -4, -2, -1, 0, 0.5, 1, 2, 4, 8, 12]]
    if b - a < sd:
        knots = [a + (b - a) * k for k in [0.1, 0.5, 0.9]]
    row = cut("Gaussian", [mu, sd], normal(mu, sd), a, b, knots)
    d = stats.truncnorm(alpha, beta, loc=mu, scale=sd)
    if not (alpha > 30 or beta < -30 or b - a < 1e-3):
        assert abs(d.mean() - row["mean"]) < 1e-9 * max(abs(row["mean"]), sd), row
        assert abs(d.var() - row["variance"]) < 1e-7 * row["variance"], (row, d.var())
    rows.append(row)
for k, th, a, b in [(2, 1.5, 1, 4), (0.01, 2, 0.5, 30), (3, 1, 900, math.inf), (1e6, 1, 0, 2e6), (0.5, 1, 0, 2)]:
    density = lambda x, k=mp.mpf(k), th=mp.mpf(th): (k - 1) * mp.log(x) - x / th - mp.loggamma(k) - k * mp.log(th)
    middle = max(a, min(k * th, b if b < math.inf else k * th))
    sd = math.sqrt(k) * th
    knots = [a + 1e-3, a + 0.1, a + 0.5, a + 1, a + 3, a + 10, a + 40] if middle == a or sd < 2 else [
        middle + sd * j for j in [-12, -8, -4, -2, -1, 0, 1, 2, 4, 8, 12]]
    rows.append(cut("Gamma", [k, th], density, a, b, knots))
for rate, a, b in [(2.0, 1000, math.inf), (1e-3, 0, 5)]:
    density = lambda x, r=mp.mpf(rate): mp.log(r) - r * x
    rows.append(cut("Exponential", [rate], density, a, b, [a + 0.2, a + 1, a + 4, a + 10, a + 30]))
for mu, sd, a, b in [(0, 1, 1e25, math.inf), (2, 0.5, 5, 100), (0, 3, 0, math.inf)]:
    density = lambda x, m=mp.mpf(mu), s=mp.mpf(sd): (
        -((mp.log(x) - m) / s) ** 2 / 2 - mp.log(x) - mp.log(s) - mp.log(2 * mp.pi) / 2)
    knots = [mp.e ** (mu + sd * j) for j in range(-8, 16)] if a == 0 else [a * (1 + j / 50) for j in range(1, 10)]
    knots += [a * 2.0 ** j for j in range(1, 30)] if a > 10 else []
    rows.append(cut("LogNormal", [mu, sd], density, a, b, [float(x) for x in knots]))
for p, q, a, b in [(2, 5, 0.9, 1), (300, 300, 0.9, 0.95), (0.5, 0.5, 0.2, 0.9999)]:
    density = lambda x, p=mp.mpf(p), q=mp.mpf(q): (
        (p - 1) * mp.log(x) + (q - 1) * mp.log(1 - x) - mp.log(mp.beta(p, q)))
    knots = [a + (b - a) * j for j in [0.001, 0.01, 0.05, 0.2, 0.5, 0.9, 0.99]]
    rows.append(cut("Beta", [p, q], density, a, b, knots))
for v, a, b in [(3.0, 0, math.inf), (4.5, 100, 1e6), (2.5, -1, 1e9)]:
    density = lambda x, v=mp.mpf(v): (
        mp.loggamma((v + 1) / 2) - mp.loggamma(v / 2) - mp.log(v * mp.pi) / 2 - (v + 1) / 2 * mp.log(1 + x * x / v))
    start = max(a, 1)
    knots = [k for k in [0.3, 1, 2] if k > a] + [start * 3.0 ** j for j in range(1, 40)]
    rows.append(cut("StudentT", [v, 0.0, 1.0], density, a, b, knots))
for scale, a, b in [(1.0, -1, 800), (1.0, 800, math.inf)]:
    density = lambda x, s=mp.mpf(scale): -abs(x) / s - mp.log(2 * s)
    rows.append(cut("Laplace", [0.0, scale], density, a, b, [0.0, a + 0.5, a + 1, a + 2, a + 5, a + 20, a + 60]
                    if a < 0 else [a + 0.5, a + 1, a + 2, a + 5, a + 20, a + 60]))
for row in rows:
    row["x"], row["cumulative"] = zip(*sorted(zip(row["x"], row["cumulative"])))
(here / "truncated.json").write_text(json.dumps(
    dict(mpmath=mp.__version__, scipy=scipy.__version__, rows=rows), indent=0))
