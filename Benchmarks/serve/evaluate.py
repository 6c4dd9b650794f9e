"""EleutherAI's lm_eval against the server and with its own Hugging Face backend, on one tiny checkpoint: the same figures?

usage: evaluate.py APPRENTICE TEXT      (needs torch, transformers, tokenizers, datasets and lm_eval[api]; tested with lm_eval 0.4)

Makes a random Llama with a byte-level tokenizer learned from TEXT, three tasks from TEXT's lines (choosing how a line goes on,
the perplexity of passages, greedy continuations), evaluates both ways, prints the figures side by side and ends with 1 if
any sample's log-likelihood differs by more than 1e-3 or any continuation at all.
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"
import lm_eval
import tokenizers
import torch
import transformers
from lm_eval.tasks import TaskManager


def model(folder, text):
    tokenizer = tokenizers.ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(text.split("\n"), vocab_size=2000, special_tokens=["<|end|>"], show_progress=False)
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer._tokenizer, eos_token="<|end|>", bos_token="<|end|>", pad_token="<|end|>")
    fast.save_pretrained(folder)
    torch.manual_seed(1)
    configuration = transformers.LlamaConfig(
        vocab_size=len(fast), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=512, initializer_range=0.3, bos_token_id=fast.bos_token_id, eos_token_id=fast.eos_token_id)
    transformers.LlamaForCausalLM(configuration).save_pretrained(folder)


def tasks(folder, text):
    lines = [line.strip() for line in text.split("\n") if len(line.split()) > 7]
    rng = random.Random(1)
    rng.shuffle(lines)
    choices = []
    for line in lines[:60]:
        words = line.split()
        ends = [" ".join(words[-3:])] + [" ".join(rng.choice(lines).split()[-3:]) for _ in range(3)]
        order = rng.sample(range(4), 4)
        choices.append({"question": " ".join(words[:-3]), "choices": [ends[i] for i in order], "answer": order.index(0)})
    passages = [{"text": "\n".join(lines[i:i + 40])} for i in range(100, 500, 40)]
    prompts = [{"question": " ".join(line.split()[:5]), "answer": line.split()[5]} for line in lines[600:630]]
    common = "test_split: test\ndataset_path: json\nmetadata: {version: 1}\n"
    for name, rows, rest in [
        ("choices", choices, 'output_type: multiple_choice\ndoc_to_text: "{{question}}"\ndoc_to_target: answer\ndoc_to_choice: choices\n'
         "metric_list: [{metric: acc}, {metric: acc_norm}]\n"),
        ("passages", passages, 'output_type: loglikelihood_rolling\ndoc_to_text: ""\ndoc_to_target: text\n'
         "metric_list: [{metric: word_perplexity}, {metric: byte_perplexity}, {metric: bits_per_byte}]\n"),
        ("continuations", prompts, 'output_type: generate_until\ndoc_to_text: "{{question}}"\ndoc_to_target: answer\n'
         'generation_kwargs: {until: ["\\n"], max_gen_toks: 24, do_sample: false, temperature: 0}\nmetric_list: [{metric: exact_match}]\n'),
    ]:
        data = folder / f"{name}.json"
        data.write_text("\n".join(json.dumps(row) for row in rows))
        (folder / f"{name}.yaml").write_text(f"task: {name}\n{common}dataset_kwargs: {{data_files: {{test: {data}}}}}\n{rest}")


def evaluate(folder, kind, arguments):
    return lm_eval.simple_evaluate(
        model=kind, model_args=arguments, tasks=["choices", "passages", "continuations"], batch_size=1, device="cpu", log_samples=True,
        task_manager=TaskManager(include_path=str(folder), include_defaults=False), bootstrap_iters=0)


def main(apprentice, text):
    text = pathlib.Path(text).read_text()[:400_000]
    folder = pathlib.Path(tempfile.mkdtemp())
    model(folder / "model", text)
    tasks(folder, text)
    reference = evaluate(folder, "hf", f"pretrained={folder}/model,dtype=float32,max_length=510")
    server = subprocess.Popen(
        [apprentice, "serve", "--model", str(folder / "model"), "--name", "tiny", "--port", "0"], stderr=subprocess.PIPE, text=True)
    try:
        address = next(found[1] for line in server.stderr if (found := re.search(r"listening on (\S+)", line)))
        served = evaluate(
            folder, "local-completions",
            f"model=tiny,base_url={address}/v1/completions,tokenizer={folder}/model,tokenizer_backend=huggingface,max_length=512,num_concurrent=1")
    finally:
        server.terminate()
    print(f"{'task':<15}{'figure':<24}{'hf':>14}{'served':>14}")
    for task, figures in reference["results"].items():
        for name, value in figures.items():
            if isinstance(value, float) and "stderr" not in name:
                print(f"{task:<15}{name.split(',')[0]:<24}{value:>14.6f}{served['results'][task][name]:>14.6f}")
    worst, different, count = 0.0, 0, 0
    for task, samples in reference["samples"].items():
        others = {sample["doc_id"]: sample for sample in served["samples"][task]}
        for sample in samples:
            for mine, other in zip(sample["filtered_resps"], others[sample["doc_id"]]["filtered_resps"], strict=True):
                count += 1
                if isinstance(mine, str):
                    different += mine != other
                else:
                    (mine, greedy), (other, other_greedy) = ((x if isinstance(x, (tuple, list)) else (x, None)) for x in (mine, other))
                    worst = max(worst, abs(float(mine) - float(other)))
                    different += greedy != other_greedy
    print(f"{count} answers: largest difference of a log-likelihood {worst:.2e}, {different} other differences")
    sys.exit(worst > 1e-3 or different > 0)


main(*sys.argv[1:])
