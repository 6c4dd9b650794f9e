"""Runs GGUF files in llama.cpp: greedy texts, logits and the tokens of some texts, as JSON on standard output.

usage: python run_llama.py < REQUEST      with {"files": [PATH…], "ids": [[…]…], "texts": ["…"], "length": N}

Needs llama-cpp-python==0.3.36 and numpy. ConversionTests drives it where it finds a python that has them (APPRENTICE_LLAMA_PYTHON, or
.venv-test-llama in the checkout).
"""
import json, sys
import numpy as np
from llama_cpp import Llama

request = json.load(sys.stdin)
answers = {}
for path in request["files"]:
    llama = Llama(path, n_ctx=512, n_batch=512, n_threads=1, logits_all=True, type_k=0, type_v=0, verbose=False)
    rows = []
    for ids in request["ids"]:
        llama.reset()
        llama.eval(ids)
        logits = np.array(llama.scores[:len(ids)], dtype=np.float32)
        greedy = []
        for _ in range(request["length"]):
            greedy.append(int(np.argmax(llama.scores[len(ids) + len(greedy) - 1])))
            llama.eval(greedy[-1:])
        rows.append({"logits": logits[-1].astype(float).round(5).tolist(), "greedy": greedy})
    texts = [llama.tokenize(text.encode(), add_bos=True, special=False) for text in request["texts"]]
    answers[path] = {"rows": rows, "texts": texts, "template": llama.metadata.get("tokenizer.chat_template"), "eos": llama.token_eos()}
    llama.close()
print(json.dumps(answers))
