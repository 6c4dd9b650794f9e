#!/usr/bin/env python3
"""Expressions from examples, kind by kind, beside grex.

    python3 -m pip install grex regex
    swift build -c release --product apprentice
    Benchmarks/teaching/compare.py [--tool .build/release/apprentice] [--examples 10] [--negatives 0] [--seed 1] [--quiet]

For each kind of `kinds.py` a number of examples is drawn, and then, before anything is learned, strings are held out: 20 of
the kind and 20 that are not, half of them one to three edits away from one of the kind and half from other kinds. The first
thing of interest is the share of held-out strings that the printed expression judges rightly. The second is whether it is
what a person would write: it judges every held-out string as the person's expression does, it accepts all examples, and it
is no more than one and a half times as long as the longest that a person is said to write for the kind.

grex gets the same positives (it takes no negatives), with each of several sets of flags; the set that does best over all
kinds is the one that is printed.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grex
import regex

import kinds

FLAGS = {
    "(none)": [],
    "--repetitions": ["with_conversion_of_repetitions"],
    "--digits": ["with_conversion_of_digits"],
    "--digits --repetitions": ["with_conversion_of_digits", "with_conversion_of_repetitions"],
    "--digits --words --spaces --repetitions": [
        "with_conversion_of_digits", "with_conversion_of_words", "with_conversion_of_whitespace",
        "with_conversion_of_repetitions"],
}
EDITS = "abcxyzABCXYZ0123456789 -_.:/#@()[]+,;!?"


def edited(text):
    letters = list(text)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(letters) + 1)
        action = random.randrange(4)
        if action == 0 or place == len(letters):
            letters.insert(place, random.choice(EDITS))
        elif action == 1 and len(letters) > 1:
            del letters[place]
        elif action == 2:
            letters[place] = random.choice(EDITS)
        else:
            letters.insert(place, letters[place])
    return "".join(letters)


def draw_set(name, examples, negatives):
    """Examples, counterexamples and held-out strings with their labels."""
    draw, written = kinds.KINDS[name]
    people = [regex.compile(text) for text in written]

    def verdict(text):
        verdicts = {bool(expression.fullmatch(text)) for expression in people}
        return verdicts.pop() if len(verdicts) == 1 else None

    positives = [draw() for _ in range(examples)]
    used = set(positives)
    held = {}
    for _ in range(400):
        text = draw()
        if text not in used and sum(held.values()) < 20 and verdict(text):
            held[text] = True
    others = [other for key, (other, _) in kinds.KINDS.items() if key != name]
    wrong = []
    for attempt in range(4000):
        text = edited(draw()) if attempt % 2 else random.choice(others)()
        if "\n" in text or text != text.strip() or not text or text in held or text in used:
            continue
        if len(wrong) < 20 + negatives and verdict(text) is False and sum(1 for w in wrong if w[1] == attempt % 2) < (20 + negatives + 1) // 2:
            wrong.append((text, attempt % 2))
            used.add(text)
    # Counterexamples are near misses, as a person would give.
    near = [text for text, is_near in wrong if is_near]
    given = near[:negatives]
    held.update({text: False for text, _ in wrong if text not in given})
    return positives, given, held, written


def judge(expression, positives, held, written):
    try:
        compiled = regex.compile(expression)
    except regex.error:
        return 0.0, False
    right = sum(bool(compiled.fullmatch(text)) == label for text, label in held.items())
    keeps = all(compiled.fullmatch(text) for text in positives)
    longest = max(len(text) for text in written)
    return right / len(held), right == len(held) and keeps and len(expression) <= 1.5 * longest


def learned(tool, positives, negatives, folder):
    (folder / "positive").write_text("".join(text + "\n" for text in positives))
    arguments = [*tool, "--positive", str(folder / "positive"), "--json"]
    if negatives:
        (folder / "negative").write_text("".join(text + "\n" for text in negatives))
        arguments += ["--negative", str(folder / "negative")]
    start = time.perf_counter()
    result = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)["regex"], time.perf_counter() - start


def of_grex(positives, flags):
    builder = grex.RegExpBuilder.from_test_cases(positives).without_anchors()
    for flag in flags:
        builder = getattr(builder, flag)()
    try:
        return builder.build()
    except BaseException:  # a panic of its own: "CompiledTooBig"
        return "(?!)"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", default=".build/release/apprentice")
    parser.add_argument("--examples", type=int, default=10)
    parser.add_argument("--negatives", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    tool = [options.tool, "teach", "regex"]
    rows, peers, seconds = [], {flags: [] for flags in FLAGS}, []
    with tempfile.TemporaryDirectory() as path:
        for name in kinds.KINDS:
            if options.only and options.only not in name:
                continue
            random.seed(f"{options.seed} {name}")
            positives, negatives, held, written = draw_set(name, options.examples, options.negatives)
            expression, wait = learned(tool, positives, negatives, Path(path))
            seconds.append(wait)
            rows.append((name, expression, *judge(expression, positives, held, written), positives, held))
            for flags, methods in FLAGS.items():
                text = of_grex(positives, methods)
                peers[flags].append((text, *judge(text, positives, held, written)))
    best = max(FLAGS, key=lambda flags: sum(row[1] for row in peers[flags]))
    if not options.quiet:
        print(f"| kind | Apprentice | right | as a person | grex {best} | right |\n|---|---|---|---|---|---|")
        for (name, expression, share, human, _, _), (text, peer, _) in zip(rows, peers[best]):
            shown = text if len(text) <= 60 else text[:57] + "…"
            cells = [cell.replace("|", "\\|") for cell in (expression, shown)]
            print(f"| {name} | `{cells[0]}` | {share:.0%} | {'yes' if human else 'no'} | `{cells[1]}` | {peer:.0%} |")
    count = len(rows)

    def mean(values):
        return sum(values) / count

    print(f"\n{count} kinds, {options.examples} examples and {options.negatives} counterexamples each, seed {options.seed}")
    print(f"Apprentice: {mean([row[2] for row in rows]):.1%} of held-out strings, {mean([row[3] for row in rows]):.1%} as a person would; "
          f"{mean(seconds):.2f} s a set, {max(seconds):.2f} s at most")
    for flags, results in peers.items():
        print(f"grex {flags}: {mean([row[1] for row in results]):.1%} of held-out strings, {mean([row[2] for row in results]):.1%} as a person would")
    print("people's own expressions: 100.0% by construction", file=sys.stderr)


if __name__ == "__main__":
    main()
