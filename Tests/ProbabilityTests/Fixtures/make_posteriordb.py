"""Reference moments of posteriordb's posteriors, with the data that they are of.

    POSTERIORDB=path/to/posteriordb python make_posteriordb.py      # writes posteriordb.json beside itself

posteriordb (https://github.com/stan-dev/posteriordb, data and draws under BSD-3-Clause) has 10,000 draws of each posterior
by Stan, thinned to independence and checked. Kept here: the data, and of each parameter the mean, the deviation, the number
of draws and the standard error of the deviation (by the delta method, from the fourth moment).
"""
import io
import json
import os
import pathlib
import subprocess
import zipfile

import numpy as np

here = pathlib.Path(__file__).parent
source = pathlib.Path(os.environ["POSTERIORDB"])
NAMES = [
    "eight_schools-eight_schools_noncentered", "kidiq-kidscore_momhsiq", "garch-garch11", "arK-arK",
    "gp_pois_regr-gp_regr", "sblrc-blr", "mesquite-logmesquite_logvash", "arma-arma11", "kilpisjarvi_mod-kilpisjarvi",
    "low_dim_gauss_mix-low_dim_gauss_mix",
]


def read(path):
    """A file of the database, from a checkout or from a bare repository."""
    if (source / path).exists():
        return (source / path).read_bytes()
    return subprocess.run(
        ["git", f"--git-dir={source}", "show", f"HEAD:{path}"], capture_output=True, check=True).stdout


def unzip(path):
    archive = zipfile.ZipFile(io.BytesIO(read(path)))
    return json.loads(archive.read([n for n in archive.namelist() if n.endswith(".json") and "__" not in n][0]))


def numbers(value):
    """Anything as a flat list of numbers."""
    return [float(x) for x in np.ravel(np.array(value, dtype=float))]


def moments(v):
    centred = v - v.mean()
    deviation = v.std(ddof=1)
    spread = (centred ** 4).mean() - deviation ** 4
    return [float(v.mean()), float(deviation), len(v), float(np.sqrt(spread / len(v)) / (2 * deviation))]


out = []
for name in NAMES:
    info = json.loads(read(f"posterior_database/posteriors/{name}.json"))
    data = unzip(f"posterior_database/data/data/{info['data_name']}.json.zip")
    draws = unzip(f"posterior_database/reference_posteriors/draws/draws/{name}.json.zip")
    columns = {k: np.concatenate([np.array(chain[k]) for chain in draws]) for k in draws[0]}
    out.append(dict(
        name=name, data={k: numbers(v) for k, v in data.items()},
        reference={k: moments(v) for k, v in columns.items()}))
(here / "posteriordb.json").write_text(json.dumps(out))
