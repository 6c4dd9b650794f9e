#!/usr/bin/env python3
"""Adapters over a GGUF file's own blocks beside PEFT's LoRA over the same weights in bfloat16, in turns.

    Benchmarks/tuning/compare.py FILE.gguf --peer PYTHON [--work FOLDER] [--rounds 3] [--steps 6] [--batch 8] [--float32]

PYTHON has torch, transformers, peft and gguf. Printed are tokens a second by the clock and a second of the processors (the figure to read
where other programs run), medians over all steps but the first of each round with their spread, and the largest memory that each
process took. Both see the same texts: 96 arithmetic problems of about 200 tokens, of which the answers are learnt.
"""
import argparse, json, os, platform, random, statistics, subprocess, sys, tempfile, time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
parser.add_argument("--peer", help="without it only ours runs")
parser.add_argument("--work", help="keeps the restored weights there")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=6)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--float32", action="store_true", help="our products in float32 too")
parser.add_argument("--tool", default=f"{root}/.build/release/apprentice")
o = parser.parse_args()
work = o.work or tempfile.mkdtemp()
os.makedirs(work, exist_ok=True)
threads = os.environ.get("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0))))
environment = dict(os.environ, OMP_NUM_THREADS=threads)


def data(path):
    draw = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(96):
            numbers = [draw.randint(2, 99) for _ in range(9)]
            story = " ".join(f"On day {i + 1} {draw.choice(['Ana', 'Ben', 'Cleo', 'Dan'])} collects {n} "
                             f"{draw.choice(['shells', 'stones', 'stamps', 'coins'])} for the collection." for i, n in enumerate(numbers))
            steps, total = [], 0
            for n in numbers:
                steps.append(f"{total} + {n} = {total + n}")
                total += n
            json.dump({"prompt": f"{story} How many are there in all?\n", "completion": "; ".join(steps) + f". Answer: {total}"}, file)
            file.write("\n")


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watched(command, progress):
    """Steps as (tokens, seconds, processor seconds), and the peak of memory in bytes."""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=open(f"{work}/log", "w"), text=True, env=environment)
    found = progress(process)
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status: sys.exit(f"{' '.join(map(str, command))}: status {status}\n{open(f'{work}/log').read()[-2000:]}")
    return found[1:], usage.ru_maxrss * 1024


def ours(steps):
    run = tempfile.mkdtemp(dir=work)
    command = [o.tool, "train", "sft", "--model", o.file, "--data", f"{work}/data.jsonl", "--lora-r", 8, "--max-steps", steps, "--batch-size",
               o.batch, "--eval-share", 0, "--save-minutes", 0, "--device", "cpu", "--run", f"{run}/run"] + ([] if o.float32 else ["--bf16"])

    def progress(process):
        path, arrived, lines = f"{run}/run/metrics.jsonl", [], []
        while len(lines) < steps and process.poll() is None:
            lines = [json.loads(l) for l in open(path).read().split("\n")[:-1]] if os.path.exists(path) else []
            arrived += [(time.perf_counter(), cpu_seconds(process.pid))] * (len(lines) - len(arrived))
            time.sleep(0.02)
        found = [None]
        for line, before, now in zip(lines[1:], arrived, arrived[1:]):
            found.append((line["tokens_per_second"] * (now[0] - before[0]), now[0] - before[0], now[1] - before[1]))
        return found
    return watched(command, progress)


def theirs(steps):
    def progress(process):
        return [tuple(float(x) for x in process.stdout.readline().split()) for _ in range(steps)]
    return watched([o.peer, f"{here}/peer.py", f"{work}/weights", f"{work}/data.jsonl", steps, o.batch], progress)


flags = set(next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "").split()) if os.path.exists("/proc/cpuinfo") else set()
name = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
print(f"{name}, {threads} threads, {' '.join(f for f in ('avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16') if f in flags)}; "
      f"{os.path.basename(o.file)}, LoRA of rank 8 on all linear layers, batches of {o.batch}, load {os.getloadavg()[0]:.1f}", flush=True)
data(f"{work}/data.jsonl")
sides = [("apprentice", ours)]
if o.peer:
    sides.append(("PEFT, PyTorch bfloat16", theirs))
    if not os.path.exists(f"{work}/weights/config.json"):
        # transformers reads the file too, but keeps its blocks and doesn't write them.
        subprocess.run([o.tool, "model", "convert", "--model", o.file, "--out", f"{work}/weights", "--type", "BF16"], check=True)
steps, memory = {n: [] for n, _ in sides}, {n: [] for n, _ in sides}
for _ in range(o.rounds):
    for name, side in sides:
        found, peak = side(o.steps)
        steps[name] += found
        memory[name].append(peak)
medians = {}
for name, found in steps.items():
    clock, processor = [t / s for t, s, _ in found], [t / c for t, _, c in found]
    medians[name] = (statistics.median(clock), statistics.median(processor), max(memory[name]))
    print(f"  {name:<24} {medians[name][0]:7.1f} tokens/s (min {min(clock):.1f}, max {max(clock):.1f}, {len(clock)} steps), "
          f"{medians[name][1]:6.1f} tokens a second of processor (min {min(processor):.1f}, max {max(processor):.1f}), "
          f"peak {medians[name][2] / 1e9:.2f} GB; the file has {os.path.getsize(o.file) / 1e9:.2f}", flush=True)
if o.peer:
    a, b = (medians[n] for n, _ in sides)
    print(f"  ratio: {a[0] / b[0]:.2f} by the clock (goal 1.5), {a[1] / b[1]:.2f} by the processor, memory {a[2] / b[2]:.2f} (goal 0.5)")
