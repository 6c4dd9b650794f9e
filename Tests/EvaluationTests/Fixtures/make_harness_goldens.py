"""Golden evaluations by lm-evaluation-harness 0.4.13 with its Hugging Face backend, on a tiny Llama that this script trains.

Writes harness/model (tokenizer, weights), harness/data (documents) and harness/golden/*.json (results, tables, samples); the task
files in harness/tasks are written by hand and read by both sides.
"""
import json
import os
import pathlib
import random
import shutil

os.environ.update(
    HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", DISABLE_MULTIPROC="1", TOKENIZERS_PARALLELISM="false",
    HF_DATASETS_CACHE="/tmp/apprentice-harness-datasets", LMEVAL_LOG_LEVEL="ERROR")
shutil.rmtree("/tmp/apprentice-harness-datasets", ignore_errors=True)

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

root = pathlib.Path("harness")
rng = random.Random(20)
torch.set_num_threads(1)
torch.manual_seed(20)

# ---- documents: small worlds of colours, animals, sums and places

colours = "red blue green yellow white black brown grey".split()
animals = "cat dog horse goose mouse sheep otter heron".split()
places = "barn river meadow kitchen harbour attic orchard bridge".split()
verbs = "sleeps runs sings waits hides eats jumps dreams".split()


def sentence(r):
    return f"The {r.choice(colours)} {r.choice(animals)} {r.choice(verbs)} in the {r.choice(places)}."


def addition(r):
    a, b = r.randrange(0, 10), r.randrange(0, 10)
    return a, b, a + b


def write(name, records):
    (root / "data").mkdir(parents=True, exist_ok=True)
    with open(root / "data" / name, "w", encoding="utf-8") as f:
        for record in records:
            f.write(json.dumps(record, ensure_ascii=False) + "\n")


def choice(r):
    colour, animal, place = r.choice(colours), r.choice(animals), r.choice(places)
    endings = r.sample(places, 4)
    endings[r.randrange(4)] = place if place not in endings else endings[0]
    label = r.randrange(4)
    return {"question": f"Where does the {colour} {animal} {r.choice(verbs)}", "choices": [f"in the {e}" for e in endings],
            "label": label, "letters": ["A", "B", "C", "D"], "weight": r.choice([0.5, 1, 2])}


write("choices_train.jsonl", [choice(rng) for _ in range(30)])
write("choices_test.jsonl", [choice(rng) for _ in range(40)])
write("cloze.jsonl", [{"text": sentence(rng) + " " + sentence(rng)[:-1], "id": i} for i in range(40)])
write("sums.jsonl", [
    {"question": f"What is {a} plus {b}?", "answer": f"We add {a} and {b}.\n#### {c}", "id": i}
    for i, (a, b, c) in enumerate(addition(rng) for _ in range(40))])
write("names.jsonl", [
    {"question": f"Which animal {v}?", "aliases": [a.capitalize(), f"the {a}", f"A {a}!"], "best": a}
    for v, a in ((rng.choice(verbs), rng.choice(animals)) for _ in range(40))])
write("pages.jsonl", [
    {"page": " ".join(sentence(rng) for _ in range(rng.choice([2, 5, 30]))) + rng.choice(["", "\n\nEnd – naïve café."])}
    for _ in range(12)])
write("blanks.jsonl", [
    {"sentence": f"The {a} saw the {b} because the _ was in the {rng.choice(places)}.", "option1": a, "option2": b,
     "answer": rng.choice(["1", "2"])} for a, b in (rng.sample(animals, 2) for _ in range(30))])
write("truths.jsonl", [
    {"passage": sentence(rng), "question": f"is the {rng.choice(animals)} {rng.choice(colours)}", "label": rng.randrange(2)}
    for _ in range(30)])
with open(root / "data" / "table.csv", "w", encoding="utf-8") as f:
    f.write("number,name,share\n")
    for i in range(20):
        f.write(f'{i},"{rng.choice(animals)}, {rng.choice(colours)}",{i / 8}\n')

# ---- a tokenizer and a model of them

corpus = [sentence(rng) for _ in range(3000)]
corpus += [f"What is {a} plus {b}?\nAnswer: We add {a} and {b}.\n#### {c}" for a, b, c in (addition(rng) for _ in range(600))]
corpus += ["Question: " + c["question"] + "?\nAnswer: " + c["choices"][c["label"]] for c in (choice(rng) for _ in range(600))]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    corpus + ["0123456789 – é ï"], trainers.BpeTrainer(
        vocab_size=512, special_tokens=["<s>", "</s>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 0)])
template = (
    "{{ bos_token }}{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
fast = PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>", chat_template=template,
    clean_up_tokenization_spaces=False)
fast.save_pretrained(root / "model")

config = LlamaConfig(
    vocab_size=512, hidden_size=48, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=256, bos_token_id=0, eos_token_id=1, tie_word_embeddings=True)
model = LlamaForCausalLM(config)
stream = [i for text in corpus for i in fast.encode(text) + [1]]
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for step in range(500):
    starts = torch.randint(0, len(stream) - 65, (16,)).tolist()
    batch = torch.tensor([stream[s:s + 64] for s in starts])
    loss = model(batch, labels=batch).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("loss", loss.item())
model.eval().save_pretrained(root / "model")
(root / "model" / "generation_config.json").write_text(json.dumps({"bos_token_id": 0, "eos_token_id": 1}))

# ---- the evaluations

import lm_eval
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from lm_eval.utils import handle_non_serializable, hash_string, make_table, sanitize_list

lm = HFLM(pretrained=str(root / "model"), dtype="float32", device="cpu", batch_size=1)
manager = TaskManager(include_path=str(root / "tasks"), include_defaults=False)
runs = {
    "zero": dict(tasks=["colours", "cloze", "sums", "pages", "names", "blanks", "truths"], num_fewshot=0),
    "translation": dict(tasks=["echo"], num_fewshot=0, limit=30),
    "three": dict(tasks=["colours", "cloze", "sums", "names", "blanks", "truths", "letters"], num_fewshot=3, limit=15),
    "own": dict(tasks=["meadow", "letters", "sums", "table"], limit=0.5),
    "chat": dict(tasks=["colours", "sums", "prefixed"], num_fewshot=2, limit=8, apply_chat_template=True,
                 fewshot_as_multiturn=True, system_instruction="Be brief."),
    "single": dict(tasks=["colours", "sums", "prefixed"], num_fewshot=2, limit=8, apply_chat_template=True,
                   fewshot_as_multiturn=False),
}
(root / "golden").mkdir(exist_ok=True)
for name, arguments in runs.items():
    found = lm_eval.simple_evaluate(model=lm, task_manager=manager, bootstrap_iters=2000, log_samples=True, **arguments)
    samples = {}
    hashes = {}
    for task, lines in found["samples"].items():
        samples[task] = [
            {"doc_id": line["doc_id"], "arguments": [list(a) for a in line["arguments"]], "target": str(line["target"]),
             "resps": line["resps"], "filtered_resps": sanitize_list(line["filtered_resps"]), "filter": line["filter"],
             "metrics": {m: line[m] for m in line["metrics"]}, "doc_hash": line["doc_hash"],
             "prompt_hash": line["prompt_hash"], "target_hash": line["target_hash"]} for line in lines]
        hashes[task] = hash_string("".join(s["doc_hash"] + s["prompt_hash"] + s["target_hash"] for s in samples[task]))
    document = {
        "arguments": arguments, "version": lm_eval.__version__, "torch": torch.__version__,
        **{k: found[k] for k in ("results", "groups", "group_subtasks", "versions", "n-shot", "higher_is_better", "n-samples")
           if k in found},
        "table": make_table(found), "task_hashes": hashes, "samples": samples,
    }
    if "groups" in found:
        document["groups_table"] = make_table(found, "groups")
    (root / "golden" / f"{name}.json").write_text(
        json.dumps(document, default=handle_non_serializable, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(name, {t: {k: v for k, v in m.items() if "," in k} for t, m in found["results"].items()})
for leftover in (root / "model").glob("*"):
    if leftover.name not in {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
                             "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"}:
        leftover.unlink()
