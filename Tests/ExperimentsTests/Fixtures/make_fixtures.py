"""Information gains of the two case studies, computed apart from the Swift code, with NumPy and SciPy.

    python make_fixtures.py            # writes gains.json beside itself

Sequence prediction is exact. Category learning averages the models' predictions over their parameters by
Gauss-Legendre quadrature and then sums over all 65,536 responses of one participant. Both weigh
responses by the models' predictions, or all alike. Nothing is random.
"""
import itertools
import json
import pathlib
import sys

import numpy as np
import scipy
from scipy import stats

GRID = np.array([0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])


def heads_next(theory, flips):
    flips = np.array([f == "H" for f in flips])
    if theory == "fair":
        return 0.5
    events = flips if theory == "bias" else flips[1:] != flips[:-1]
    weight = np.prod([np.where(e, GRID, 1 - GRID) for e in events], axis=0)
    p = float((weight / weight.sum()) @ GRID)
    return p if theory == "bias" else (1 - p if flips[-1] else p)


def expected_gain(likelihoods, uniform):
    """KL of posterior from a flat prior over rows, averaged over columns."""
    likelihoods = np.array(likelihoods)
    evidence = likelihoods.mean(0)
    ratio = likelihoods / evidence
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(likelihoods > 0, ratio * np.log(ratio), 0).mean(0)
    return float(gain.mean() if uniform else (evidence * gain).sum())


def sequence_rows():
    rows = []
    for theories in (["fair", "bias"], ["fair", "markov"], ["bias", "markov"], ["fair", "bias", "markov"]):
        for participants in (1, 20, 50):
            for uniform in (False, True):
                gains = {}
                for flips in map("".join, itertools.product("HT", repeat=4)):
                    counts = np.arange(participants + 1)
                    gains[flips] = expected_gain(
                        [stats.binom(participants, heads_next(t, flips)).pmf(counts) for t in theories],
                        uniform)
                rows.append(dict(theories=theories, participants=participants,
                                 responses="uniform" if uniform else "predictive", gains=gains))
    return rows


BITS = np.array([[o >> (3 - i) & 1 for i in range(4)] for o in range(16)])


def rule(nodes, low, high):
    """Gauss-Legendre points and weights for the mean over an interval."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    return low + (high - low) * (x + 1) / 2, w / 2


def grid(nodes, *intervals):
    rules = [rule(nodes, *interval) for interval in intervals]
    points = np.array(list(itertools.product(*[r[0] for r in rules])))
    return points, np.prod(list(itertools.product(*[r[1] for r in rules])), axis=1)


def exemplar(a, b, nodes=20):
    points, weights = grid(nodes, (0, 1), (0, 1), (0, 1), (0, 1))
    # Similarity depends on which features differ alone: sixteen products.
    similar = np.array([np.prod(np.where(BITS[d], points, 1), axis=1) for d in range(16)])
    means = []
    for o in range(16):
        to_a, to_b = sum(similar[o ^ x] for x in a), sum(similar[o ^ x] for x in b)
        means.append(float((to_a / (to_a + to_b)) @ weights))
    return means


def prototype(a, b, nodes=10):
    points, weights = grid(nodes, (0, 1), (0, 1), (0, 1), (0, 1))
    alphas, alpha_weights = rule(nodes, 0, 5)
    biases, bias_weights = rule(nodes, -1, 1)
    means = []
    for o in range(16):
        cues = []
        for feature in range(4):
            na = sum(BITS[x][feature] == BITS[o][feature] for x in a)
            nb = sum(BITS[x][feature] == BITS[o][feature] for x in b)
            cues.append((na - nb) / (na + nb) if na + nb else 0)
        mean = 0
        for alpha, wa in zip(alphas, alpha_weights):
            for bias, wb in zip(biases, bias_weights):
                total = points @ np.array(cues) + (bias if o in [*a, *b] else 0)
                mean += wa * wb * float((1 / (1 + np.exp(-alpha * total))) @ weights)
        means.append(mean)
    return means


def all_responses(p):
    joint = np.ones(1)
    for q in p:
        joint = np.concatenate([joint * q, joint * (1 - q)])
    return joint


def category_gain(a, b, uniform):
    return expected_gain([all_responses(exemplar(a, b)), all_responses(prototype(a, b))], uniform)


STRUCTURES = {
    "medinSchaffer": (["1110", "1010", "1011", "1101", "0111"], ["1100", "0110", "0001", "0000"]),
    "publishedOptimum": (["0001", "0011", "1100", "1110", "1111"], ["0100", "0110", "1000", "1010"]),
    "best": (["0000", "0001", "0010", "1100", "1101"], ["0100", "0101", "1000", "1001"]),
}

if __name__ == "__main__":
    categories = []
    for name, (a, b) in STRUCTURES.items():
        numbers = [[int(x, 2) for x in side] for side in (a, b)]
        for uniform in (False, True):
            categories.append(dict(name=name, a=a, b=b, responses="uniform" if uniform else "predictive",
                                   gain=category_gain(*numbers, uniform)))
            print(categories[-1], file=sys.stderr)
    pathlib.Path(__file__).with_name("gains.json").write_text(json.dumps(
        dict(numpy=np.__version__, scipy=scipy.__version__, sequences=sequence_rows(), categories=categories),
        indent=0))
