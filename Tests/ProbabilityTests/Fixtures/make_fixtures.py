"""Golden values for the distributions and special functions, from SciPy.

    python make_fixtures.py        # writes distributions.json and special.json beside itself

No randomness: the points are quantiles from 1e-12 to 1 - 1e-12, far tails, and points outside.
"""
import json
import math
import pathlib

import numpy as np
import scipy
from scipy import integrate, optimize, special, stats

here = pathlib.Path(__file__).parent
LEVELS = [1e-12, 1e-6, 0.01, 0.25, 0.5, 0.9, 0.999, 1 - 1e-9]


def number(x):
    x = float(x)
    return "nan" if math.isnan(x) else "inf" if x == math.inf else "-inf" if x == -math.inf else x


def continuous(name, parameters, d, extra=(), mean=None, variance=None):
    xs = [float(d.ppf(q)) for q in LEVELS] + list(extra)
    xs = [x for x in xs if math.isfinite(x)]
    survival = [number(d.sf(x)) for x in xs] if hasattr(d, "sf") else []
    return dict(
        distribution=name, parameters=parameters, x=xs,
        logDensity=[number(d.logpdf(x)) for x in xs], cumulative=[number(d.cdf(x)) for x in xs],
        survival=survival, quantiles=[[q, float(d.ppf(q))] for q in LEVELS[:6]],
        mean=number(d.mean() if mean is None else mean),
        variance=number(d.var() if variance is None else variance))


def discrete(name, parameters, d, xs):
    return dict(
        distribution=name, parameters=parameters, x=xs,
        logDensity=[number(d.logpmf(x)) for x in xs], cumulative=[],
        mean=number(d.mean()), variance=number(d.var()))


class Truncated:
    """A frozen SciPy distribution cut to an interval whose masses are no smaller than 1e-6."""

    def __init__(self, d, a, b):
        self.d, self.a, self.b = d, a, b
        self.low, self.mass = d.cdf(a), d.cdf(b) - d.cdf(a)

    def ppf(self, q):
        return self.d.ppf(self.low + q * self.mass)

    def logpdf(self, x):
        return self.d.logpdf(x) - math.log(self.mass) if self.a <= x <= self.b else -math.inf

    def cdf(self, x):
        return (self.d.cdf(min(max(x, self.a), self.b)) - self.low) / self.mass

    def moment(self, f):
        return integrate.quad(lambda x: self.d.pdf(x) * f(x) / self.mass, self.a, self.b,
                              epsabs=1e-13, limit=400)[0]

    def mean(self):
        return self.moment(lambda x: x)

    def var(self):
        m = self.mean()
        return self.moment(lambda x: (x - m) ** 2)


class KernelDensity:
    def __init__(self, points):
        self.kde = stats.gaussian_kde(points, bw_method="scott")
        self.points, self.h = points, math.sqrt(float(self.kde.covariance[0, 0]))

    def logpdf(self, x):
        return float(self.kde.logpdf(x)[0])

    def cdf(self, x):
        return float(np.mean(stats.norm(self.points, self.h).cdf(x)))

    def ppf(self, q):
        return optimize.brentq(lambda x: self.cdf(x) - q, -1e3, 1e3, xtol=1e-13)

    def mean(self):
        return np.mean(self.points)

    def var(self):
        return np.var(self.points) + self.h ** 2


class LogitNormal:
    def __init__(self, mu, sigma, a, b):
        self.n, self.a, self.b = stats.norm(mu, sigma), a, b

    def ppf(self, q):
        return self.a + (self.b - self.a) * special.expit(self.n.ppf(q))

    def logpdf(self, x):
        u = (x - self.a) / (self.b - self.a)
        if not 0 < u < 1:
            return -math.inf
        return self.n.logpdf(special.logit(u)) - math.log(u * (1 - u)) - math.log(self.b - self.a)

    def cdf(self, x):
        u = min(max((x - self.a) / (self.b - self.a), 0), 1)
        return self.n.cdf(special.logit(u))

    def moment(self, f):
        return integrate.quad(
            lambda z: stats.norm.pdf(z) * f(special.expit(self.n.mean() + self.n.std() * z)),
            -12, 12, epsabs=1e-13, limit=400)[0]

    def mean(self):
        return self.a + (self.b - self.a) * self.moment(lambda u: u)

    def var(self):
        m = self.moment(lambda u: u)
        return (self.b - self.a) ** 2 * self.moment(lambda u: (u - m) ** 2)


rows = []
for mu, sd in [(0, 1), (-3.5, 0.01), (1e6, 250.0), (0, 1e-8)]:
    rows.append(continuous("Gaussian", [mu, sd], stats.norm(mu, sd), [mu + 40 * sd, mu - 40 * sd]))
for mu, sd in [(0, 1), (2, 0.1), (-4, 2)]:
    rows.append(continuous("LogNormal", [mu, sd], stats.lognorm(sd, scale=math.exp(mu)), [-1.0, 0.0, 1e9]))
for mu, sd, a, b in [(0, 1, 0, 1), (2, 0.3, -1, 4), (-1, 3, 0, 1)]:
    rows.append(continuous("LogitNormal", [mu, sd, a, b], LogitNormal(mu, sd, a, b), [a - 1.0, b + 1.0]))
for a, b in [(1, 1), (0.05, 0.05), (2, 5), (300, 0.5), (1e4, 3e4)]:
    rows.append(continuous("Beta", [a, b], stats.beta(a, b), [-0.1, 1.1]))
for k, th in [(1, 1), (0.01, 2), (3, 0.5), (1e3, 7), (0.5, 1e-3), (2e5, 1)]:
    rows.append(continuous("Gamma", [k, th], stats.gamma(k, scale=th), [-1.0, k * th * 30]))
for rate in [1, 1e-4, 300.0]:
    rows.append(continuous("Exponential", [rate], stats.expon(scale=1 / rate), [-1.0, 700 / rate]))
for a, b in [(0, 1), (-7, -2.5)]:
    rows.append(continuous("Uniform", [a, b], stats.uniform(a, b - a), [a - 1.0, b + 1.0]))
for x0, g in [(0, 1), (5, 0.01)]:
    rows.append(continuous("Cauchy", [x0, g], stats.cauchy(x0, g), [1e12, -1e12], math.nan, math.nan))
    # SciPy's own survival function cancels in the tail.
    rows[-1]["survival"] = [math.atan2(1, (x - x0) / g) / math.pi for x in rows[-1]["x"]]
for mu, b in [(0, 1), (-2, 30.0)]:
    rows.append(continuous("Laplace", [mu, b], stats.laplace(mu, b), [mu + 500 * b]))
for v, mu, s in [(1, 0, 1), (1.5, 0, 1), (2.5, 3, 0.1), (30, -1, 4), (1e5, 0, 1)]:
    rows.append(continuous(
        "StudentT", [v, mu, s], stats.t(v, mu, s), [1e6, -1e6],
        math.nan if v <= 1 else None, math.nan if v <= 1 else None))
for mu, sd, a, b in [(0, 1, -1, 2), (0, 1, 5, 9), (0, 1, 30, 40), (2, 3, -40, -35), (1, 2, 0, math.inf)]:
    d = stats.truncnorm((a - mu) / sd, (b - mu) / sd, loc=mu, scale=sd)
    rows.append(continuous("TruncatedGaussian", [mu, sd, a, number(b)], d, [a - 1.0]))
for k, th, a, b in [(2, 1.5, 1, 4), (0.7, 2, 0.5, 30)]:
    rows.append(continuous(
        "TruncatedGamma", [k, th, a, b], Truncated(stats.gamma(k, scale=th), a, b), [a - 0.5, b + 1.0]))
for points in [[-1.0, 0.5, 0.7, 3.0], [10.0, 10.5, 11.0, 9.0, 9.5, 30.0]]:
    rows.append(continuous("KernelDensity", points, KernelDensity(points), [-40.0, 60.0]))
for p in [0.0, 0.3, 1 - 1e-12]:
    rows.append(discrete("Bernoulli", [p], stats.bernoulli(p), [0, 1]))
for n, p in [(0, 0.5), (1, 0.2), (20, 0.5), (20, 0.0), (20, 1.0), (1000, 0.001), (100000, 0.7)]:
    rows.append(discrete("Binomial", [n, p], stats.binom(n, p), [-1, 0, 1, n // 2, n, n + 1]))
for rate in [0.0, 0.2, 3, 1e4]:
    rows.append(discrete("Poisson", [rate], stats.poisson(rate), [-1, 0, 1, 3, 10, 9900, 20000]))
for p in [0.01, 0.5, 1.0]:
    rows.append(discrete("Geometric", [p], stats.geom(p, loc=-1), [-1, 0, 1, 10, 1000]))
for a, b in [(0, 5), (-3, 4)]:
    rows.append(discrete("UniformInteger", [a, b], stats.randint(a, b), [a - 1, a, b - 1, b]))

vector = []
rng = np.random.default_rng(11)
for alpha in [[1, 1, 1], [0.1, 0.2, 5], [30, 40, 2, 9]]:
    x = rng.dirichlet(alpha)
    vector.append(dict(
        distribution="Dirichlet", alpha=alpha, x=list(map(float, x)),
        logDensity=float(stats.dirichlet(alpha).logpdf(x / x.sum())),
        mean=list(stats.dirichlet(alpha).mean()), moments=stats.dirichlet(alpha).cov().tolist()))
for n, p in [(6, [0.2, 0.3, 0.5]), (40, [0.05, 0.15, 0.7, 0.1])]:
    x = rng.multinomial(n, p)
    vector.append(dict(
        distribution="Multinomial", trials=n, alpha=p, x=[float(v) for v in x],
        logDensity=float(stats.multinomial(n, p).logpmf(x)),
        mean=list(n * np.array(p)), moments=stats.multinomial(n, p).cov().tolist()))
for p in [[0.2], [0.9, 0.01, 0.5]]:
    x = [float(rng.random() < q) for q in p]
    vector.append(dict(
        distribution="MultivariateBernoulli", alpha=p, x=x,
        logDensity=float(sum(stats.bernoulli(q).logpmf(v) for q, v in zip(p, x)))))
for mu, sd in [([0.3], [2.0]), ([1.0, -2.0, 0.5], [0.5, 1.5, 0.1])]:
    # By the change of variables, with the Jacobian's determinant taken numerically.
    z = np.array([rng.normal(m, s) for m, s in zip(mu, sd)])
    soft = lambda v: special.softmax(np.append(v, 0.0))
    jacobian = np.array([
        (soft(z + 1e-6 * e) - soft(z - 1e-6 * e))[:-1] / 2e-6 for e in np.eye(len(mu))])
    vector.append(dict(
        distribution="LogisticNormal", alpha=mu, covariance=[sd], x=list(map(float, soft(z))),
        logDensity=float(stats.norm(mu, sd).logpdf(z).sum() - math.log(abs(np.linalg.det(jacobian))))))
for dim in [1, 2, 5]:
    a = rng.normal(size=(dim, dim))
    covariance = a @ a.T + 0.3 * np.eye(dim)
    mean = rng.normal(size=dim)
    x = rng.normal(size=dim) * 3
    vector.append(dict(
        distribution="MultivariateGaussian", alpha=list(map(float, mean)),
        covariance=[list(map(float, row)) for row in covariance], x=list(map(float, x)),
        logDensity=float(stats.multivariate_normal(mean, covariance).logpdf(x))))

(here / "distributions.json").write_text(json.dumps(
    dict(scipy=scipy.__version__, numpy=np.__version__, scalar=rows, vector=vector), indent=0))

table = []
for x in [1e-8, 0.1, 0.5, 1, 1.4616, 2, 7.3, 9.99, 10, 123.4, 1e8, -0.5, -3.2]:
    table.append(dict(function="digamma", arguments=[x], value=float(special.digamma(x))))
for x in [1e-11, 1e-3, 0.5, 1, 7.3, 9.99, 10, 123.4, 1e8]:
    table.append(dict(function="trigamma", arguments=[x], value=float(special.polygamma(1, x))))
for a in [1e-3, 0.5, 1, 3, 30, 1e3, 1e5]:
    for f in [0.01, 0.5, 0.99, 1.01, 2, 5]:
        table.append(dict(function="gammaLower", arguments=[a, a * f], value=float(special.gammainc(a, a * f))))
        table.append(dict(function="gammaUpper", arguments=[a, a * f], value=float(special.gammaincc(a, a * f))))
for a, b in [(0.1, 0.1), (0.5, 3), (1, 1), (2, 9), (50, 70), (1e4, 2e4)]:
    for x in [1e-6, 0.1, 0.3333, 0.5, 0.9, 1 - 1e-6]:
        table.append(dict(function="betaLower", arguments=[a, b, x], value=float(special.betainc(a, b, x))))
(here / "special.json").write_text(json.dumps(dict(scipy=scipy.__version__, rows=table), indent=0))
