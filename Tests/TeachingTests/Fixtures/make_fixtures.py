"""Golden values for the recursive teaching game, computed with NumPy.

Run: python3 make_fixtures.py
Made with NumPy 2.x, seed 7; the recursion is written here in matrix form, independently of the Swift.
"""

import json
import pathlib

import numpy as np

rng = np.random.default_rng(7)
games = []
for hypotheses, data, alpha in [(2, 2, 1.0), (5, 12, 1.0), (6, 9, 2.5), (4, 20, 0.5), (8, 8, 8.0)]:
    consistent = rng.random((hypotheses, data)) < 0.5
    consistent[:, 0] = True
    prior = rng.dirichlet(np.ones(hypotheses))
    for sampling in ("strong", "weak"):
        rows = consistent / (consistent.sum(1, keepdims=True) if sampling == "strong" else data)
        teacher = rows.astype(float)
        depths = []
        for _ in range(4):
            joint = prior[:, None] * teacher
            total = joint.sum(0)
            learner = np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)
            depths.append({"teacher": teacher.tolist(), "learner": learner.tolist()})
            choice = np.where(learner > 0, np.power(learner, alpha, where=learner > 0, out=np.zeros_like(learner)), 0)
            norm = choice.sum(1, keepdims=True)
            teacher = np.divide(choice, norm, out=np.zeros_like(choice), where=norm > 0)
        games.append(
            {
                "prior": prior.tolist(),
                "consistent": consistent.tolist(),
                "sampling": sampling,
                "optimality": alpha,
                "depths": depths,
            }
        )
path = pathlib.Path(__file__).with_name("teaching-games.json")
path.write_text(json.dumps({"numpy": np.__version__, "seed": 7, "games": games}))
