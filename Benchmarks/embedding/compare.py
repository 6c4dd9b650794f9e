#!/usr/bin/env python3
"""Texts a second of `apprentice embed` beside transformers with padded batches, on the same encoder, in turns.

    swift build -c release --product apprentice
    python Benchmarks/embedding/compare.py --model models/all-MiniLM-L6-v2 --text alice.txt [--texts 1000] [--rounds 3] [--tool PATH]

The texts are the book's sentences. The peer is what sentence-transformers does: sorted by
length, 32 a batch, filled up with padding, the mean over what isn't. Ours is timed as a whole process, less the time of a run over one
text (loading); the peer without loading. Prints medians in texts a second, the ratio, and the least cosine between both.
"""
import argparse
import platform
import re
import statistics
import subprocess
import tempfile
import time

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModel

arguments = argparse.ArgumentParser()
arguments.add_argument("--model", required=True)
arguments.add_argument("--text", required=True)
arguments.add_argument("--texts", type=int, default=1000)
arguments.add_argument("--rounds", type=int, default=3)
arguments.add_argument("--tool", default=".build/release/apprentice")
given = arguments.parse_args()

words = " ".join(open(given.text, encoding="utf-8").read().split())
texts = [s for s in re.split(r"(?<=[.!?]) ", words) if len(s) > 3][:given.texts]
tokenizer = Tokenizer.from_file(given.model + "/tokenizer.json")
tokenizer.enable_truncation(256)
tokenizer.enable_padding()
model = AutoModel.from_pretrained(given.model).eval()


def theirs():
    started = time.perf_counter()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = [None] * len(texts)
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            own = order[start:start + 32]
            batch = tokenizer.encode_batch([texts[i] for i in own])
            mask = torch.tensor([e.attention_mask for e in batch])
            x = model(input_ids=torch.tensor([e.ids for e in batch]), attention_mask=mask).last_hidden_state
            mean = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
            for i, y in zip(own, torch.nn.functional.normalize(mean, dim=1)): found[i] = y
    return time.perf_counter() - started, torch.stack(found)


def ours(count):
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/texts.txt", "w", encoding="utf-8") as file: file.write("\n".join(texts[:count]) + "\n")
        started = time.perf_counter()
        subprocess.run(
            [given.tool, "embed", folder + "/texts.txt", "--model", given.model, "--out", folder + "/v.safetensors"], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - started, load_file(folder + "/v.safetensors")["embeddings"]


mine, peer = [], []
for _ in range(given.rounds):
    loading = ours(1)[0]
    seconds, vectors = ours(len(texts))
    mine.append(len(texts) / (seconds - loading))
    seconds, others = theirs()
    peer.append(len(texts) / seconds)
least = torch.nn.functional.cosine_similarity(vectors, others).min().item()
print(f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads, {len(texts)} texts: "
      f"apprentice {statistics.median(mine):.0f} texts/s ({min(mine):.0f} to {max(mine):.0f}), "
      f"transformers {statistics.median(peer):.0f} ({min(peer):.0f} to {max(peer):.0f}), "
      f"ratio {statistics.median(mine) / statistics.median(peer):.2f}, least cosine {least:.7f}")
