"""Golden values for the agreement statistics, from four independent packages.

Run with: python make_fixtures.py   (numpy, scikit-learn, statsmodels, krippendorff, irrCAC, pandas)

Cohen's kappa: scikit-learn's value, statsmodels' standard error. Fleiss' kappa and Gwet's AC1: irrCAC.
Krippendorff's alpha: krippendorff.
"""

import json
import pathlib
import sys
from importlib import metadata

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

SEED = 1960
rng = np.random.default_rng(SEED)


def ratings(items, raters, categories, noise, missing):
    truth = rng.integers(0, categories, items)
    table = np.where(rng.random((items, raters)) < noise,
                     rng.integers(0, categories, (items, raters)), truth[:, None]).astype(float)
    table[rng.random((items, raters)) < missing] = np.nan
    # A row without any judgement is no item.
    return table[(~np.isnan(table)).sum(axis=1) > 0]


cohen = []
for items, categories, noise in [(30, 2, 0.3), (50, 3, 0.4), (200, 5, 0.5), (40, 7, 0.9)]:
    table = ratings(items, 2, categories, noise, 0)
    a, b = table[:, 0].astype(int), table[:, 1].astype(int)
    labels = sorted(set(a) | set(b))
    joint = np.zeros((len(labels), len(labels)))
    for x, y in zip(a, b):
        joint[labels.index(x), labels.index(y)] += 1
    for weights, name in [(None, "none"), ("linear", "linear"), ("quadratic", "quadratic")]:
        value = cohen_kappa_score(a, b, weights=weights)
        other = cohens_kappa(joint, wt=weights)
        assert abs(other.kappa - value) < 1e-9
        cohen.append({"a": a.tolist(), "b": b.tolist(), "weights": name, "value": float(value),
                      "se": float(other.std_kappa)})

many = []
for items, raters, categories, noise, missing in [
        (25, 3, 2, 0.3, 0), (40, 4, 3, 0.5, 0), (60, 5, 4, 0.4, 0.3), (30, 6, 5, 0.7, 0.5),
        (80, 2, 3, 0.2, 0.1)]:
    table = ratings(items, raters, categories, noise, missing)
    frame = pd.DataFrame(table)
    cac = CAC(frame, digits=12)
    fleiss, ac1 = cac.fleiss()["est"], cac.gwet()["est"]
    entry = {"rows": [[None if np.isnan(v) else v for v in row] for row in table.tolist()],
             "fleiss": float(fleiss["coefficient_value"]), "fleiss_se": float(fleiss["se"]),
             "ac1": float(ac1["coefficient_value"]), "ac1_se": float(ac1["se"])}
    for level in ["nominal", "ordinal", "interval"]:
        entry["alpha_" + level] = float(krippendorff.alpha(table.T, level_of_measurement=level))
    many.append(entry)

# The data of Krippendorff's own example, "Computing Krippendorff's Alpha-Reliability" (2011).
rows = []
for line in ["* * * * * 3 4 1 2 1 1 3 3 * 3", "1 * 2 1 3 3 4 3 * * * * * * *",
             "* * 2 1 3 4 4 * 2 1 1 3 3 * 4"]:
    rows.append([np.nan if v == "*" else float(v) for v in line.split()])
table = np.array(rows)
keep = (~np.isnan(table)).sum(axis=0) > 0
example = {"rows": [[None if np.isnan(v) else v for v in row] for row in table[:, keep].T.tolist()]}
for level in ["nominal", "ordinal", "interval"]:
    example["alpha_" + level] = float(krippendorff.alpha(table, level_of_measurement=level))

versions = {name: metadata.version(name) for name in
            ["numpy", "scikit-learn", "statsmodels", "krippendorff", "irrCAC", "pandas"]}
versions["python"] = sys.version.split()[0]
path = pathlib.Path(__file__).with_name("agreement.json")
path.write_text(json.dumps({"versions": versions, "seed": SEED, "cohen": cohen, "many": many,
                            "example": example}, separators=(",", ":")) + "\n")
print(example, [m["fleiss"] for m in many])
