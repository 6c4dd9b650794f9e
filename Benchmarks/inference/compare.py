#!/usr/bin/env python3
"""Decoding and reading of prompts by Apprentice, llama.cpp and PyTorch on the same weights and threads, in turns.

    Benchmarks/inference/compare.py [--llama PYTHON] [--peer PYTHON] [--work FOLDER] [--rounds 3] [--only decode|prefill|logits]
    Benchmarks/inference/compare.py --real FILE.gguf [--text BOOK] [--llama PYTHON] [--work FOLDER] [--rounds 3]

PYTHON of --llama has llama-cpp-python (built as Benchmarks/inference/peer.py's model needs it: GGML_NATIVE=OFF, AVX-512 on, AMX
off), that of --peer torch, transformers and gguf. Each line: median tokens per second of both, their spread, the ratio, the
goal, and what share of the machine's measured memory bandwidth or matrix products our figure takes. With --real both run one
downloaded file in its own blocks, and --text compares the perplexity of 8 rows of 512 tokens of a book, in float32 and in blocks.
"""
import argparse, os, statistics, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--llama", default="python3")
parser.add_argument("--peer", default="python3")
parser.add_argument("--work", help="keeps the model there")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--only", default="")
parser.add_argument("--real", help="a GGUF file")
parser.add_argument("--text", help="a book as plain text")
parser.add_argument("--tool", default=".build/release/SpeedBenchmark")
o = parser.parse_args()
work = o.work or tempfile.mkdtemp()
peer = f"{here}/peer.py"
env = dict(os.environ, OMP_NUM_THREADS="2")


def run(*command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    if done.returncode: sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def turns(ours, theirs):
    """Speeds of both, run in turns."""
    speeds = ([], [])
    for _ in range(o.rounds):
        for side, command in enumerate((ours, theirs)): speeds[side].extend(float(x) for x in run(*command).split()[1:])
    a, b = (statistics.median(s) for s in speeds)
    words = (f"{a:.1f} ({min(speeds[0]):.1f} to {max(speeds[0]):.1f}) against {b:.1f} ({min(speeds[1]):.1f} to {max(speeds[1]):.1f}), "
             f"ratio {a / b:.2f}")
    return a, words


def real(file):
    product, memory = (float(x) * 1e9 for x in run(o.tool, "machine").split())
    size = os.path.getsize(file)
    name = os.path.basename(file)
    print(f"machine: {product / 1e9:.0f} GFLOP/s of float32 products, {memory / 1e9:.1f} GB/s of memory (copying); 2 threads")
    if o.text:
        for kind, format in (("exact", "float32"), ("file", "auto")):
            rows = f"{work}/{name}-rows.json"
            theirs, places = run(o.llama, peer, "perplexity", file, o.text, 512, 8, rows, kind).split()
            ours, _ = run(o.tool, "perplexity", file, format, rows).split()
            print(f"{name}: perplexity of {places} tokens, {format}: {float(ours):.4f} against {float(theirs):.4f} "
                  f"({float(ours) / float(theirs) - 1:+.3%})", flush=True)
    for streams, new, goal in ((1, 64, 1.5), (16, 32, 4)):
        speed, words = turns([o.tool, "decode", file, "auto", streams, 16, new, 3], [o.llama, peer, "decode", file, streams, 16, new, 3])
        print(f"{name}: {streams} stream{'s' * (streams > 1)}, {words}, goal {goal}; {speed / streams * size / memory:.0%} of memory "
              "bandwidth if a step reads the file once", flush=True)
    _, words = turns([o.tool, "prefill", file, "auto", 1024, 2], [o.llama, peer, "prefill", file, 1024, 2])
    print(f"{name}: reading 1,024 tokens, {words}, goal 3", flush=True)


if o.real:
    os.makedirs(work, exist_ok=True)
    real(o.real)
    sys.exit()
if not os.path.exists(f"{work}/q8_0.gguf"):
    os.makedirs(work, exist_ok=True)
    run(o.peer, peer, "model", work)

# Of the 134M parameters the layers' and the output's are read for each step: 12 (4·768² + 3·768·2048) + 32,000·768.
LAYERS = 12 * (4 * 768 ** 2 + 3 * 768 * 2048)
READ = LAYERS + 32000 * 768
BYTES = {"float32": 4, "bfloat16": 2, "int8": 1, "int4": 0.5 + 4 / 32}


def decode(format, file, streams, goal, name, new):
    def share(speed): return f"{speed / streams * READ * BYTES[format] / memory:.0%} of memory bandwidth, {2 * speed * READ / product:.0%} of float32 products"
    return (name, [o.tool, "decode", f"{work}/model", format, streams, 16, new, 3],
            [o.llama, peer, "decode", f"{work}/{file}.gguf", streams, 16, new, 3], goal, share)


def prefill(format, theirs, goal, name):
    # Attention: half of the 2,048² scores, two products of 768 features each.
    work_per_token = 2 * LAYERS + 12 * 2 * 2 * 768 * 1024
    def share(speed): return f"{speed * work_per_token / product:.0%} of float32 products"
    return (name, [o.tool, "prefill", f"{work}/model", format, 2048, 2], theirs, goal, share)


jobs = [
    decode("float32", "f32", 1, 1.1, "one stream, float32 / F32", 64),
    decode("bfloat16", "bf16", 1, None, "one stream, bfloat16 / BF16", 64),
    decode("int8", "q8_0", 1, 1.2, "one stream, int8 / Q8_0", 96),
    decode("float32", "f32", 16, 1.5, "16 streams, float32 / F32", 32),
    decode("int8", "q8_0", 16, 1.5, "16 streams, int8 / Q8_0", 48),
    prefill("bfloat16", [o.llama, peer, "prefill", f"{work}/bf16.gguf", 2048, 2], 5, "prefill 2,048, bfloat16 / BF16"),
    prefill("bfloat16", [o.peer, peer, "torch", f"{work}/model", "bfloat16", 2048, 2], 1, "prefill 2,048, bfloat16 / PyTorch"),
    prefill("float32", [o.peer, peer, "torch", f"{work}/model", "float32", 2048, 2], None, "prefill 2,048, float32 / PyTorch"),
    prefill("int8", [o.llama, peer, "prefill", f"{work}/q8_0.gguf", 2048, 2], None, "prefill 2,048, int8 / Q8_0"),
]
product, memory = (float(x) * 1e9 for x in run(o.tool, "machine").split())
print(f"machine: {product / 1e9:.0f} GFLOP/s of float32 products, {memory / 1e9:.1f} GB/s of memory (copying); 2 threads")
if o.only in ("", "logits"):
    for file in ("f32", "bf16", "q8_0"):
        run(o.tool, "logits", f"{work}/{file}.gguf", 64, f"{work}/logits")
        print("logits", run(o.llama, peer, "logits", f"{work}/{file}.gguf", 64, f"{work}/logits").strip(), flush=True)
for name, ours, theirs, goal, share in jobs:
    if o.only and o.only not in ours: continue
    speed, words = turns(ours, theirs)
    print(f"{name}: {words}" + (f", goal {goal}" if goal else "") + f"; {share(speed)}", flush=True)
