"""Writes airstriker.json: rewards, variables and pictures of Airstriker as stable-retro 1.0.1 plays it with fixed buttons.

usage: pip install stable-retro==1.0.1; python make-airstriker.py > airstriker.json
"""
import json
import zlib

import numpy as np
import stable_retro as retro

env = retro.make("Airstriker-Genesis-v0", use_restricted_actions=retro.Actions.ALL, render_mode="rgb_array")
first, _ = env.reset()
rows = {"buttons": env.buttons, "first_picture": zlib.crc32(np.ascontiguousarray(first).tobytes()), "steps": []}
for step in range(1200):
    held = [(step // 7) % 3 == 0, False, False, False, False, False, (step // 40) % 2 == 0, (step // 40) % 2 == 1, False, False, False, False]
    picture, reward, terminated, truncated, info = env.step(np.array(held, dtype=np.int8))
    if step % 20 == 19:
        rows["steps"].append(
            {"step": step, "score": int(info["score"]), "lives": int(info["lives"]), "gameover": int(info["gameover"]),
             "memory": zlib.crc32(env.get_ram().tobytes()), "picture": zlib.crc32(np.ascontiguousarray(picture).tobytes())})
    if terminated or truncated:
        break
rows["steps_played"] = step + 1
rows["total"] = int(info["score"])
env.close()
print(json.dumps(rows))
