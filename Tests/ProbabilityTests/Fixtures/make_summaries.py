"""Golden summaries and leave-one-out estimates, from ArviZ.

    python make_summaries.py        # writes summaries.json beside itself

Chains are autoregressive, heavy-tailed, apart, of different widths, with ties; log likelihoods are of a normal
model with and without an outlier. Seeded.
"""
import json
import pathlib
import warnings

import arviz as az
import numpy as np

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(5)
COLUMNS = ["mean", "sd", "hdi_3%", "hdi_97%", "mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"]


def autoregressive(rho, chains, draws):
    x = np.zeros((chains, draws))
    x[:, 0] = rng.normal(size=chains)
    for t in range(1, draws):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho * rho) * rng.normal(size=chains)
    return x


def number(x):
    """ArviZ has no R-hat of one chain."""
    return None if np.isnan(x) else float(x)


cases = {
    "independent": rng.normal(size=(4, 250)),
    "slow": autoregressive(0.9, 4, 300),
    "alternating": autoregressive(-0.6, 2, 301),
    "heavy tails": rng.standard_cauchy((4, 250)),
    "apart": rng.normal(size=(4, 200)) + np.array([[0.0], [0.2], [0.0], [1.0]]),
    "of different widths": rng.normal(size=(4, 200)) * np.array([[1.0], [1.0], [1.0], [3.0]]),
    "counts": rng.poisson(2.0, size=(3, 200)).astype(float),
    "rare truth": (rng.random((4, 200)) < 0.04).astype(float),
    "one chain": autoregressive(0.5, 1, 200),
    "short": rng.normal(size=(2, 12)),
}
rows = []
for name, chains in cases.items():
    chains = np.round(chains, 5)
    data = az.from_dict(posterior={"x": chains})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figures = az.summary(data, round_to="none").loc["x"]
        mean_size = float(az.ess(data, method="mean")["x"])
        split = float(az.rhat(data, method="split")["x"])
    rows.append(dict(
        name=name, chains=chains.tolist(), figures=[number(figures[c]) for c in COLUMNS],
        meanSize=mean_size, splitRHat=number(split),
        quantiles=[float(np.quantile(chains, q)) for q in [0.05, 0.25, 0.5, 0.95]]))

loo = []
for name, seen in [
    ("ordinary", rng.normal(1.0, 1.0, size=10)), ("with an outlier", np.append(rng.normal(size=7), 9.0)),
]:
    mu = np.round(autoregressive(0.5, 2, 200) / np.sqrt(len(seen)) + seen.mean(), 4)
    log_sigma = np.round(autoregressive(0.3, 2, 200) * 0.05, 4)
    ll = -0.5 * ((seen - mu[..., None]) / np.exp(log_sigma)[..., None]) ** 2 - log_sigma[..., None] - 0.91893853
    ll = np.round(ll, 5)
    data = az.from_dict(posterior={"mu": mu, "log_sigma": log_sigma}, log_likelihood={"y": ll})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = az.loo(data, pointwise=True)
    ess = az.ess(data, method="mean")
    loo.append(dict(
        name=name, logLikelihood=ll.tolist(), relativeEfficiency=float((ess["mu"] + ess["log_sigma"]) / 2 / 400),
        elpd=float(result.elpd_loo), standardError=float(result.se), effectiveParameters=float(result.p_loo),
        pointwise=result.loo_i.values.tolist(), shapes=result.pareto_k.values.tolist(),
        good=float(result.good_k), warns=bool(result.warning)))

(here / "summaries.json").write_text(json.dumps(
    dict(arviz=az.__version__, numpy=np.__version__, summaries=rows, leaveOneOut=loo)))
