#!/usr/bin/env python3
"""Encoding and training speed of Apprentice, `tokenizers` and `tiktoken`, on one core, in turns.

    swift build -c release --product TokenizerBenchmark
    python Benchmarks/tokenizer/compare.py --text NOVEL.txt ... [--vocabulary 8000] [--rounds 7] [--train BIG.txt]

All three use the same byte-level vocabulary, learnt from the texts. Prints MB/s (10^6 bytes of UTF-8), the median
of the rounds and the ratio to the faster peer; stops if the counts of ids or the learnt vocabularies differ.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tiktoken
import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def train(texts, size):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    tok.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size, min_frequency=2, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tok


def as_tiktoken(tok):
    spec = json.loads(tok.to_str())["model"]
    back = {c: b for b, c in byte_characters().items()}
    ranks = {bytes(back[c] for c in token): i for token, i in spec["vocab"].items() if token != "<|endoftext|>"}
    return tiktoken.Encoding("same", pat_str=GPT2, mergeable_ranks=ranks, special_tokens={})


def byte_characters():
    keep = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table, extra = {}, 0
    for byte in range(256):
        if byte in keep:
            table[byte] = chr(byte)
        else:
            table[byte] = chr(256 + extra)
            extra += 1
    return table


class Ours:
    def __init__(self, tool):
        self.process = subprocess.Popen([tool], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line or line.startswith("error"):
            sys.exit(f"TokenizerBenchmark: {line.strip()}")
        seconds, _, count = line.split()
        return float(seconds), int(count)


def timed(action):
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", nargs="+", required=True)
    parser.add_argument("--train", help="a large text to time training on")
    parser.add_argument("--vocabulary", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tool", default=".build/release/TokenizerBenchmark")
    args = parser.parse_args()
    texts = [open(p, encoding="utf-8", newline="").read() for p in args.text]
    size = sum(len(t.encode()) for t in texts)
    tok = train(texts, args.vocabulary)
    tik = as_tiktoken(tok)
    ours = Ours(args.tool)
    folder = tempfile.mkdtemp()
    tok.save(os.path.join(folder, "tokenizer.json"))
    print(f"tokenizers {tokenizers.__version__}, tiktoken {tiktoken.__version__}, "
          f"{size / 1e6:.2f} MB, vocabulary {tok.get_vocab_size()}, one core, median of {args.rounds} rounds")
    jobs = {
        "Apprentice": lambda: ours.ask("encode", folder, *args.text),
        "tokenizers": lambda: timed(lambda: sum(len(tok.encode(t).ids) for t in texts)),
        "tiktoken": lambda: timed(lambda: sum(len(tik.encode_ordinary(t)) for t in texts)),
    }
    times = {name: [] for name in jobs}
    for _ in range(args.rounds):
        counts = set()
        for name, job in jobs.items():
            seconds, count = job()
            times[name].append(seconds)
            counts.add(count)
        if len(counts) != 1:
            sys.exit(f"token counts differ: {counts}")
    report("encode", size, times)
    if args.train:
        text = open(args.train, encoding="utf-8", newline="").read()
        count = len(text.encode())
        mine, _ = ours.ask("train", args.vocabulary, args.train, folder)
        theirs, other = timed(lambda: train([text], args.vocabulary))
        learnt = json.load(open(os.path.join(folder, "tokenizer.json"), encoding="utf-8"))["model"]
        wanted = json.loads(other.to_str())["model"]
        if learnt["vocab"] != wanted["vocab"] or learnt["merges"] != wanted["merges"]:
            sys.exit("the learnt vocabularies differ")
        report("train", count, {"Apprentice": [mine], "tokenizers": [theirs]})


def report(job, size, times):
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(v for name, v in medians.items() if name != "Apprentice")
    for name, seconds in medians.items():
        ratio = f"   {best / seconds:.2f}x the faster peer" if name == "Apprentice" else ""
        print(f"{job:7} {name:11} {size / seconds / 1e6:8.2f} MB/s {seconds:8.3f} s{ratio}")


if __name__ == "__main__":
    main()
