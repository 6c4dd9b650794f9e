"""Runs two commands that print one speed a line, in turns, and prints medians, spreads and the ratio of medians.

usage: compare.py ROUNDS SKIP 'OUR COMMAND' 'PEER COMMAND'      SKIP lines of each run are warm-up
"""
import shlex, statistics, subprocess, sys

rounds, skip, *commands = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5]
speeds = [[], []]
for _ in range(rounds):
    for side, command in enumerate(commands):
        run = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if run.returncode: sys.exit(f"{command}: exit {run.returncode}")
        speeds[side] += [float(line) for line in run.stdout.split()[skip:]]
medians = [statistics.median(s) for s in speeds]
for name, s, m in zip(("apprentice", "peer"), speeds, medians):
    print(f"  {name:<10} {m:9.0f} tokens/s   (min {min(s):.0f}, max {max(s):.0f}, {len(s)} values)")
print(f"  ratio      {medians[0] / medians[1]:9.2f}")
