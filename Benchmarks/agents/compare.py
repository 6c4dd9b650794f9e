#!/usr/bin/env python3
"""Training of agents beside CleanRL's PPO over EnvPool's Procgen, in turns on one machine: steps per second, and where time goes.

usage: Benchmarks/agents/compare.py --python PYTHON [--game coinrun] [--network small] [--seconds 60] [--rounds 3] [--device cpu]
           [--tool .build/release/apprentice]

The same network, sizes and number of updates on both sides, 200 easy levels, and no environments that play along. Ours runs twice: in
float32 as PyTorch does, and in bfloat16, which it takes of itself where the processor multiplies it. PYTHON has torch, numpy and
envpool. The first rollout is left out on both sides; rollouts include the environments.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--python", default=sys.executable)
parser.add_argument("--tool", default=os.path.join(root, ".build/release/apprentice"))
parser.add_argument("--game", default="coinrun")
parser.add_argument("--network", default="small", choices=["small", "impala"])
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--device", default="cpu")
options = parser.parse_args()


def run(command):
    out = subprocess.run(command, capture_output=True, text=True, cwd=root)
    if out.returncode:
        sys.exit(f"compare.py: {' '.join(command)} ended with {out.returncode}:\n{out.stderr[-2000:]}")
    return out.stdout


def peer(half):
    command = [options.python, os.path.join(root, "Benchmarks/agents/peer.py"), options.game, options.network, str(options.seconds),
               str(options.threads), options.device] + (["bf16"] if half else [])
    return json.loads([line for line in run(command).splitlines() if line.startswith("{")][-1])


def ours(precision):
    with tempfile.TemporaryDirectory() as folder:
        run([options.tool, "recipe", "procgen", "--game", options.game, "--network", options.network, "--precision", precision,
             "--device", options.device, "--minutes", str(options.seconds / 60), "--test-envs", "0", "--blind-steps", "1",
             "--eval-episodes", "1", "--steps", "1000000000", "--run", os.path.join(folder, "run")])
        path = os.path.join(folder, "run", f"{options.game}-200-w1", "metrics.jsonl")
        lines = [json.loads(line) for line in open(path)][1:]
    if not lines:
        sys.exit("compare.py: --seconds is too short for two rollouts")
    total = sum(line["time/rollout"] + line["time/update"] for line in lines)
    steps = len(lines) * 64 * 256
    return {"steps_per_second": steps / total, "episode_return": lines[-1].get("episode_return"), "steps": steps,
            **{f"time/{name}": sum(line[f"time/{name}"] for line in lines) / total for name in ("environment", "rollout", "update")}}


sides = {"apprentice float32": lambda: ours("float32"), "apprentice bfloat16": lambda: ours("bfloat16"),
         "cleanrl over envpool": lambda: peer(False), "the same, autocast bfloat16": lambda: peer(True)}
results = {name: [] for name in sides}
for _ in range(options.rounds):
    for name, side in sides.items():
        results[name].append(side())
print(f"{options.game}, {options.network}, {options.device}, {options.threads} threads, {options.rounds} rounds of {options.seconds:.0f} s")
print(f"{'':30}{'steps/s':>10}{'spread':>18}{'environment':>13}{'rollout':>9}{'update':>8}{'return':>8}")
for name, rounds in results.items():
    rates = sorted(r["steps_per_second"] for r in rounds)
    shares = [statistics.median(r[f"time/{part}"] for r in rounds) for part in ("environment", "rollout", "update")]
    last = statistics.median(r["episode_return"] or 0 for r in rounds)
    print(f"{name:30}{statistics.median(rates):10,.0f}{f'{rates[0]:,.0f}..{rates[-1]:,.0f}':>18}{shares[0]:13.0%}{shares[1]:9.0%}"
          f"{shares[2]:8.0%}{last:8.2f}")
middle = {name: statistics.median(r["steps_per_second"] for r in rounds) for name, rounds in results.items()}
for name in ("apprentice float32", "apprentice bfloat16"):
    for other in ("cleanrl over envpool", "the same, autocast bfloat16"):
        print(f"{name} over {other}: {middle[name] / middle[other]:.2f}")
