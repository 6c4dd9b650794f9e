#!/usr/bin/env python3
"""The arcade beside the published library and EnvPool, in one go.

usage: Benchmarks/arcade/compare.py speed --python PYTHON --procgen CHECKOUT [--seconds 1] [--rounds 3] [--mode easy]
       Benchmarks/arcade/compare.py rules --python PYTHON --procgen CHECKOUT [--episodes 1000] [--mode hard] [GAME...]

speed: steps per second with 64 environments and random actions, on one thread and on two, the three libraries in turns; each game's
       median of the rounds, and for a library the mean over games, and what as many steps of every game make together.
rules: means of return and length of a random policy's episodes, with standard errors, and their ratios; 'rare' stands beside a mean
       of the published library whose own error is above 5%, which no ratio can be held to.

PYTHON has numpy, gym3, gymnasium and envpool; CHECKOUT is github.com/openai/procgen at 0.10.7 (see peer.py). The tool is built first:
swift build --manifest-cache none -c release --product ArcadeBenchmark.
"""
import argparse, json, math, os, statistics, subprocess, sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=["speed", "rules"])
parser.add_argument("games", nargs="*")
parser.add_argument("--python", default=sys.executable)
parser.add_argument("--procgen")
parser.add_argument("--seconds", type=float, default=1)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--mode")
parser.add_argument("--episodes", type=int, default=1000)
parser.add_argument("--tool", default=os.path.join(root, ".build/release/ArcadeBenchmark"))
options = parser.parse_args()
peer = os.path.join(root, "Benchmarks/arcade/peer.py")


def run(command):
    environment = dict(os.environ, PYTHONPATH=options.procgen or "")
    out = subprocess.run(command, capture_output=True, text=True, env=environment)
    if out.returncode:
        sys.exit(f"compare.py: {' '.join(command)} ended with {out.returncode}:\n{out.stderr[-2000:]}")
    # Building procgen says so on stdout.
    return [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]


def speed():
    mode = options.mode or "easy"
    libraries = {"arcade": lambda n: [options.tool, "speed", str(n), str(options.seconds), mode]}
    if options.procgen:
        libraries["procgen"] = lambda n: [options.python, peer, "procgen", "speed", str(n), str(options.seconds), mode]
    libraries["envpool"] = lambda n: [options.python, peer, "envpool", "speed", str(n), str(options.seconds), mode]
    rates = {}
    for _ in range(options.rounds):
        for threads in (1, 2):
            for name, command in libraries.items():
                for line in run(command(threads)):
                    rates.setdefault((name, threads, line["game"]), []).append(line["steps_per_second"])
    games = sorted({game for _, _, game in rates})
    columns = [(name, threads) for threads in (1, 2) for name in libraries]
    print(f"{'steps/s':12}" + "".join(f"{f'{name} x{threads}':>14}" for name, threads in columns))
    middle = {key: statistics.median(values) for key, values in rates.items()}
    for game in games:
        print(f"{game:12}" + "".join(f"{middle[(*column, game)]:14,.0f}" for column in columns))
    mean = {c: statistics.mean(middle[(*c, game)] for game in games) for c in columns}
    joint = {c: len(games) / sum(1 / middle[(*c, game)] for game in games) for c in columns}
    print(f"{'mean':12}" + "".join(f"{mean[c]:14,.0f}" for c in columns))
    print(f"{'equal steps':12}" + "".join(f"{joint[c]:14,.0f}" for c in columns))
    low = {c: min(sum(rates[(*c, g)][r] for g in games) / len(games) for r in range(options.rounds)) for c in columns}
    high = {c: max(sum(rates[(*c, g)][r] for g in games) / len(games) for r in range(options.rounds)) for c in columns}
    print(f"{'mean, spread':12}" + "".join(f"{f'{low[c]:,.0f}..{high[c]:,.0f}':>20}" for c in columns))
    for name, threads in columns:
        if name != "arcade":
            print(f"arcade over {name}, {threads} thread(s): {mean['arcade', threads] / mean[name, threads]:.2f} of the means, "
                  f"{joint['arcade', threads] / joint[name, threads]:.2f} of equal steps")


def rules():
    mode = options.mode or "hard"
    ours = {d["game"]: d for d in run([options.tool, "random", str(options.episodes), mode, *options.games])}
    theirs = {d["game"]: d for d in run([options.python, peer, "procgen", "random", str(options.episodes), mode, *options.games])}
    kept = 0
    print(f"{'game':11}{'return':>18}{'published':>18}{'ratio':>7}   {'length':>16}{'published':>16}{'ratio':>7}")
    for game in theirs:
        cells, fits = "", True
        for what in ("returns", "lengths"):
            a, b = ours[game][what], theirs[game][what]
            (m, e), (n, f) = [(statistics.mean(x), statistics.pstdev(x) / math.sqrt(len(x))) for x in (a, b)]
            ratio = m / n if n else math.nan
            apart = abs(m - n) > 1.96 * math.hypot(e, f)
            fits &= abs(ratio - 1) <= 0.15 or not apart
            note = " rare" if n and f / abs(n) > 0.05 else "     "
            cells += f"{m:10.3f} ±{e:6.3f}{n:10.3f} ±{f:6.3f}{ratio:7.2f}{note}"
        kept += fits
        print(f"{game:11}{cells}{'' if fits else '   apart'}")
    print(f"{kept} of {len(theirs)} games: both means within 15%, or no further apart than chance (95%)")


speed() if options.what == "speed" else rules()
