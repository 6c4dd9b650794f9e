#!/usr/bin/env python3
"""Evaluations by Apprentice and by lm-evaluation-harness (Hugging Face backend) on the same checkpoint and tasks, in turns.

    Benchmarks/evaluation/compare.py --python PYTHON --model FOLDER [--gsm8k train.jsonl] [--limit 40] [--rounds 2] [--batch 1,8]

PYTHON has lm_eval 0.4.13, torch and transformers. The tasks are made here: multiple choice without examples and with five fixed
ones (as MMLU has them), both of long questions, a cloze, and GSM8K's format with five examples and 64 new tokens. Each side loads
the model in float32 once a run; seconds are those of the evaluation, without loading. Each line: seconds of both, the ratio, and
whether every metric is the same to four decimals, or how far apart
in parts of its size (float32 rounds differently on both sides). The harness runs at each of the batch sizes, and its best one counts.
"""
import argparse, json, os, pathlib, random, re, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--python", default="python3")
parser.add_argument("--model", required=True)
parser.add_argument("--gsm8k", help="a file of GSM8K's problems; made-up ones unless given")
parser.add_argument("--limit", type=int, default=40)
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--batch", default="1,8")
parser.add_argument("--tasks", default="choices,shots,cloze,problems")
parser.add_argument("--tool", default=".build/release/apprentice")
parser.add_argument("--threads", default="2")
o = parser.parse_args()
work = pathlib.Path(tempfile.mkdtemp())
rng = random.Random(1)
env = dict(
    os.environ, OMP_NUM_THREADS=o.threads, MKL_NUM_THREADS=o.threads, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1",
    HF_DATASETS_CACHE=str(work / "cache"), TOKENIZERS_PARALLELISM="false")

# ---- tasks

words = "river stone window garden letter morning paper ship market winter forest music kitchen bridge doctor engine".split()


def sentence(n):
    return " ".join(rng.choice(words) for _ in range(n)).capitalize() + "."


def record():
    return {"passage": " ".join(sentence(12) for _ in range(5)), "question": sentence(10)[:-1] + "?",
            "choices": [sentence(8) for _ in range(4)], "label": rng.randrange(4)}


def write(name, rows):
    with open(work / name, "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in rows)


write("train.jsonl", [record() for _ in range(20)])
write("test.jsonl", [record() for _ in range(o.limit)])
write("cloze.jsonl", [{"text": " ".join(sentence(12) for _ in range(6))[:-1]} for _ in range(o.limit)])
if o.gsm8k:
    problems = [json.loads(line) for line in open(o.gsm8k)]
else:
    problems = [{"question": f"Ann has {a} pears and buys {b} more each day for {c} days. How many has she then?",
                 "answer": f"She buys {b} * {c} = {b * c} pears.\nThen she has {a} + {b * c} = {a + b * c}.\n#### {a + b * c}"}
                for a, b, c in ((rng.randrange(2, 90), rng.randrange(2, 9), rng.randrange(2, 9)) for _ in range(o.limit + 40))]
write("problems_train.jsonl", problems[:20])
write("problems_test.jsonl", problems[20:20 + o.limit])
choice = f"""
dataset_path: json
dataset_kwargs: {{data_files: {{train: {work}/train.jsonl, test: {work}/test.jsonl}}}}
output_type: multiple_choice
training_split: train
test_split: test
fewshot_split: train
doc_to_text: "{{{{passage}}}}\\nQuestion: {{{{question}}}}\\nAnswer:"
doc_to_choice: choices
doc_to_target: label
"""
(work / "choices.yaml").write_text("task: choices\nnum_fewshot: 0" + choice)
(work / "shots.yaml").write_text("task: shots\nnum_fewshot: 5\nfewshot_config: {sampler: first_n}" + choice)
(work / "cloze.yaml").write_text(f"""task: cloze
dataset_path: json
dataset_kwargs: {{data_files: {{test: {work}/cloze.jsonl}}}}
output_type: loglikelihood
test_split: test
doc_to_text: "{{{{text.split(' ')[:-1]|join(' ')}}}}"
doc_to_target: "{{{{' '+text.split(' ')[-1]}}}}"
""")
(work / "problems.yaml").write_text(f"""task: problems
dataset_path: json
dataset_kwargs: {{data_files: {{train: {work}/problems_train.jsonl, test: {work}/problems_test.jsonl}}}}
output_type: generate_until
training_split: train
test_split: test
fewshot_split: train
fewshot_config: {{sampler: first_n}}
num_fewshot: 5
doc_to_text: "Question: {{{{question}}}}\\nAnswer:"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: ["Question:"], do_sample: false, temperature: 0.0, max_gen_toks: 64}}
filter_list:
  - name: flexible-extract
    filter:
      - {{function: regex, group_select: -1, regex_pattern: "(-?[$0-9.,]{{2,}})|(-?[0-9]+)"}}
      - {{function: take_first}}
metric_list:
  - {{metric: exact_match, aggregation: mean, higher_is_better: true, regexes_to_ignore: [",", "(?s).*#### "]}}
""")

# ---- both sides

HARNESS = """
import json, os, sys, time, torch
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
import lm_eval
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
model, folder, task, batch = sys.argv[1:]
lm = HFLM(pretrained=model, dtype="float32", device="cpu", batch_size=int(batch))
manager = TaskManager(include_path=folder, include_defaults=False)
start = time.perf_counter()
found = lm_eval.simple_evaluate(model=lm, tasks=[task], task_manager=manager, bootstrap_iters=0)
seconds = time.perf_counter() - start
print("RESULT", json.dumps([seconds, {k: v for k, v in found["results"][task].items() if "," in k and "stderr" not in k}]))
"""


def run(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=env)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr[-3000:]}")
    return done.stdout


def harness(task, batch):
    out = run([o.python, "-c", HARNESS, o.model, work, task, batch])
    return json.loads(next(line for line in out.splitlines() if line.startswith("RESULT"))[7:])


def ours(task):
    out = run([o.tool, "evaluate", "tasks", task, "--include-path", work, "--model", o.model, "--output", work / "out",
               "--bootstrap-iters", "0", "--json"])
    document = json.loads(out)
    return float(document["total_evaluation_time_seconds"]), {
        k: v for k, v in document["results"][task].items() if "," in k and "stderr" not in k}


print(f"{o.model}, {o.limit} documents a task, {o.threads} threads, float32, {o.rounds} rounds in turns")
totals = [0.0, 0.0]
for task in o.tasks.split(","):
    batches = [int(b) for b in o.batch.split(",")]
    theirs, own = {b: [] for b in batches}, []
    for _ in range(o.rounds):
        seconds, found = ours(task)
        own.append(seconds)
        for b in batches:
            seconds, wanted = harness(task, b)
            theirs[b].append(seconds)
    best = min(batches, key=lambda b: statistics.median(theirs[b]))
    a, b = statistics.median(own), statistics.median(theirs[best])
    totals[0] += a
    totals[1] += b
    apart = max(abs(found[k] - wanted[k]) / max(1, abs(wanted[k])) for k in wanted)
    same = ("equal to four decimals" if all(f"{found[k]:.4f}" == f"{wanted[k]:.4f}" for k in wanted)
            else f"apart by {apart:.1e}: {found} {wanted}")
    print(f"{task}: {a:.2f} s ({min(own):.2f} to {max(own):.2f}) against {b:.2f} s ({min(theirs[best]):.2f} to "
          f"{max(theirs[best]):.2f}, batch {best}), {b / a:.1f} times as fast; "
          f"results {same}", flush=True)
print(f"all: {totals[0]:.2f} s against {totals[1]:.2f} s, {totals[1] / totals[0]:.1f} times as fast (goal: 5)")
