"""Times NumPyro's NUTS on the posteriors of Posteriors.swift and prints one JSON object a line.

    python numpyro-benchmark.py posteriordb.json

Two chains in parallel on two cores in double precision, 1,000 draws each after 1,000 of warm-up: as ours. The first run of a
model compiles it, which is reported apart; then three runs with other keys. Effective samples are ArviZ's bulk ones, the
least over the parameters.
"""
import json
import sys
import time

import numpyro

numpyro.enable_x64()
numpyro.set_host_device_count(2)

import arviz
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from numpyro.infer import MCMC, NUTS


def eight_schools(data):
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    z = numpyro.sample("z", dist.Normal(0, 1).expand([8]))
    numpyro.sample("y", dist.Normal(mu + tau * z, data["sigma"]), obs=data["y"])


def kidiq(data):
    beta = numpyro.sample("beta", dist.ImproperUniform(dist.constraints.real, (), (3,)))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
    mean = beta[0] + beta[1] * data["mom_hs"] + beta[2] * data["mom_iq"]
    numpyro.sample("y", dist.Normal(mean, sigma), obs=data["kid_score"])


def autoregression(data):
    y = data["y"]
    alpha = numpyro.sample("alpha", dist.Normal(0, 10))
    beta = numpyro.sample("beta", dist.Normal(0, 10).expand([5]))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
    mean = alpha + sum(beta[k] * y[4 - k:-1 - k] for k in range(5))
    numpyro.sample("y", dist.Normal(mean, sigma), obs=y[5:])


MODELS = {
    "eight_schools-eight_schools_noncentered": eight_schools,
    "kidiq-kidscore_momhsiq": kidiq,
    "arK-arK": autoregression,
}

for posterior in json.load(open(sys.argv[1])):
    model = MODELS.get(posterior["name"])
    if model is None:
        continue
    data = {k: jnp.array(v) for k, v in posterior["data"].items()}
    mcmc = MCMC(NUTS(model), num_warmup=1000, num_samples=1000, num_chains=2, chain_method="parallel", progress_bar=False)
    rates, compiling = [], None
    for key in range(4):
        start = time.perf_counter()
        mcmc.run(jax.random.PRNGKey(key), data)
        draws = jax.device_get(mcmc.get_samples(group_by_chain=True))
        seconds = time.perf_counter() - start
        if key == 0:
            compiling = seconds
            continue
        draws.pop("z", None)
        ess = arviz.ess(arviz.convert_to_dataset({k: np.asarray(v) for k, v in draws.items()}))
        rates.append(min(float(v.min()) for v in ess.data_vars.values()) / seconds)
    print(json.dumps(dict(name=posterior["name"], rate=float(np.median(rates)), compiling=compiling)), flush=True)
