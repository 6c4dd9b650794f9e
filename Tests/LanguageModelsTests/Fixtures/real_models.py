"""Logits of llama.cpp on the real models that Scripts/fetch-models assembles: in float32, and on the file's own blocks.

usage: python real_models.py MODELS TEXT WORK      writes gguf/real/NAME.json beside this file

MODELS is the folder with the GGUF files, TEXT a book as plain text, WORK a folder with room for the weights in float32 (3 GB).
Needs gguf==0.19.0, llama-cpp-python==0.3.36, numpy. Each of 50 prompts is continued greedily in float32 (weights restored by the gguf
package, float32 cache); every place of the continuation keeps the eight most probable tokens with their logits, and those that
llama.cpp computes there from the quantised file.
"""
import importlib.metadata, json, os, pathlib, random, sys
import numpy as np
from llama_cpp import Llama

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "Benchmarks" / "inference"))
from peer import restored

FILES = {"qwen": "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "gemma": "gemma-3-270m-q4_k_m.gguf"}
LENGTH, TOP, THREADS = 16, 8, len(os.sched_getaffinity(0))
CODE = """def fibonacci(n):|def is_prime(number: int) -> bool:|import json, sys|class Stack:|SELECT name FROM users WHERE
#include <stdio.h>|fn main() {|function debounce(callback, wait) {|for i in range(10):|The quick sort algorithm
A binary search tree is|In Python, a dictionary|let numbers = [3, 1, 2]|public struct Point {|# Reverse a string
The capital of France is|Water boils at|1, 1, 2, 3, 5, 8,|Once upon a time|Dear Sir or Madam,"""
PROMPTS = [line for part in CODE.split("\n") for line in part.split("|")]


def prompts(text):
    words, draw = text.split(), random.Random(7)
    starts = draw.sample(range(len(words) - 40), 50 - len(PROMPTS))
    return PROMPTS + [" ".join(words[s:s + draw.randint(8, 24)]) for s in starts]


def model(path): return Llama(str(path), n_ctx=128, n_batch=128, n_threads=THREADS, logits_all=True, type_k=0, type_v=0, verbose=False)


def logits(llama, tokens):
    llama.reset()
    llama.eval(tokens)
    return np.array(llama.scores[:len(tokens)], dtype=np.float32)


def make(name, folder, text, work):
    source = folder / FILES[name]
    target = work / f"{name}-f32.gguf"
    if not target.exists(): restored(str(source), str(target))
    exact, rows = model(target), []
    for prompt in prompts(text):
        tokens = exact.tokenize(prompt.encode(), add_bos=True, special=False)
        start = len(tokens)
        exact.reset()
        exact.eval(tokens)
        for _ in range(LENGTH):
            tokens.append(int(np.argmax(exact.scores[len(tokens) - 1])))
            exact.eval(tokens[-1:])
        found = logits(exact, tokens)[start - 1:-1]
        top = np.argsort(-found, axis=1)[:, :TOP]
        rows.append(dict(prompt=prompt, tokens=tokens, start=start, top=top.tolist(), exact=np.take_along_axis(found, top, 1)))
    del exact
    quantised = model(source)
    for row in rows:
        found = logits(quantised, row["tokens"])[row["start"] - 1:-1]
        row["blocks"] = np.take_along_axis(found, np.array(row["top"]), 1).astype(float).round(4).tolist()
        row["exact"] = row["exact"].astype(float).round(4).tolist()
    versions = {p: importlib.metadata.version(p) for p in ("gguf", "llama-cpp-python", "numpy")}
    out = pathlib.Path(__file__).parent / "gguf" / "real" / f"{name}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"versions": versions, "file": FILES[name], "rows": rows}, separators=(",", ":")) + "\n")
    error = np.concatenate([np.array(r["blocks"]) - np.array(r["exact"]) for r in rows])
    print(name, len(rows), "prompts, root mean square of the error of blocks", float(np.sqrt((error ** 2).mean())), out.stat().st_size)


folder, text, work = (pathlib.Path(p) for p in sys.argv[1:4])
for name in sys.argv[4:] or FILES: make(name, folder, text.read_text(), work)
