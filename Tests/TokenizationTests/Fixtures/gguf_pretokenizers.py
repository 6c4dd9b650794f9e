#!/usr/bin/env python3
"""What llama.cpp makes of some texts for each way of cutting that a GGUF file can name (`tokenizer.ggml.pre`).

Run: python gguf_pretokenizers.py        (rewrites gguf_pretokenizers.json beside it)
Needs gguf==0.19.0 and llama-cpp-python==0.3.36, which is compiled when it is installed; Scripts/make-fixtures leaves it out.

The vocabulary's merges were learnt on the texts without any cutting, so that they would join across every place where a
pattern cuts: each name's cuts show in the ids.
"""
import collections, importlib.metadata, json, os, tempfile
import gguf
from llama_cpp import Llama

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = """default gpt-2 phi-2 jina-es jina-v2-code roberta-bpe gigachat a.x-4.0 mellum modern-bert mpt olmo jais trillion
granite-docling exaone4 starcoder refact command-r smollm codeshell exaone minerva-7b mellum2 llama3 llama-v3 llama-bpe falcon3
falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano glm4 glm5 dbrx smaug-bpe chatglm-bpe minicpm5 qwen2 deepseek-r1-qwen kormo f2llmv2
stablelm2 megrez hunyuan solar-open grok-2 qwen35 laguna ufakzeka seed-coder bailingmoe bailingmoe2 llada-moe exaone-moe jais-2
gpt-4o llama4 kanana2 talkie minimax-m2 granite-embed-multi-97m tiny_aya cohere2moe youtu tekken deepseek-v3 hunyuan-dense
joyai-llm hy_v4 spark2_5 deepseek-llm deepseek-coder falcon poro-chat bloom gpt3-finnish viking""".split()
TEXTS = [
    "I'm sure they'LL come; we've DONE it, haven't we?", "In 1789 and 20240317, 3.14159 or 1,234,567 (12%)",
    "  two spaces,\ttabs\t\tand   three\n\n\nlines  \n end ", "def f(x_1, y2):\n    return x_1 ** y2  # a+b<=c^d~e|f`g$h",
    "camelCase HTTPServer iOS16beta XMLHttpRequest2", "'quoted' \"double\" [x]{y}<z>/path//to/./file.txt?a=1&b=2",
    "!!! ... ??? --- === *** ///\n//comment\r\nnext", "#tag @name $5.00 100% a&b c*d !bang .dot -dash",
    "don't DON'T it's IT'S we'd o'clock 'tis", "mail: a.b@c.org, http://x.y/z#1", "1 22 333 4444 55555 666666 7777777",
    "a1b22c333 x4444y v1.2.3-rc4", "end with spaces   ", "   ", "\n\n", " x", "", "Tab\tnew\nline\r\n\r\nCR",
    ");\n);\n);\n}\n}\n", "a/\n/b/\nc'/\n", "x\n \n \ny\r\n \r\nz", "价格123元，你好。世界！「引号」", "가격 123원입니다", "naïve café ÉCOLE",
    "e\u0301te\u0301 a\u0308 x\u0308y", "Привет, МИР и Мир!", "£5 €6 ¥7 ×÷ ±", "हिन्दी भाषा",
]


def merges():
    """Byte pairs by number, across everything."""
    keep = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {b: chr(b) for b in keep}
    letters.update({b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in keep)})
    rows = [[letters[b] for b in text.encode()] for text in TEXTS]
    found, words = [], [letters[b] for b in range(256)]
    for _ in range(420):
        pairs = collections.Counter(pair for row in rows for pair in zip(row, row[1:]))
        (a, b), _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        found.append(f"{a} {b}")
        if a + b not in words: words.append(a + b)
        for i, row in enumerate(rows):
            out = []
            while row:
                if len(row) > 1 and (row[0], row[1]) == (a, b): out.append(a + b); row = row[2:]
                else: out.append(row[0]); row = row[1:]
            rows[i] = out
    return words, found


words, found = merges()
tokens = ["<|endoftext|>"] + words
ids = {}
with tempfile.TemporaryDirectory() as folder:
    for name in NAMES:
        w = gguf.GGUFWriter(f"{folder}/a.gguf", "llama")
        w.add_context_length(64); w.add_embedding_length(8); w.add_block_count(1); w.add_feed_forward_length(8)
        w.add_head_count(1); w.add_layer_norm_rms_eps(1e-5); w.add_vocab_size(len(tokens))
        w.add_tokenizer_model("gpt2"); w.add_tokenizer_pre(name); w.add_token_list(tokens)
        w.add_token_types([3] + [1] * len(words)); w.add_token_merges(found)
        w.add_bos_token_id(0); w.add_eos_token_id(0)
        w.write_header_to_file(); w.write_kv_data_to_file(); w.close()
        llama = Llama(f"{folder}/a.gguf", vocab_only=True, verbose=False)
        ids[name] = [llama.tokenize(text.encode(), add_bos=True, special=False) for text in TEXTS]
# Names that cut alike share one entry.
kinds = []
for name in NAMES:
    for kind in kinds:
        if kind["ids"] == ids[name]: kind["names"].append(name); break
    else: kinds.append({"names": [name], "ids": ids[name]})
versions = {p: importlib.metadata.version(p) for p in ("gguf", "llama-cpp-python")}
with open(f"{HERE}/gguf_pretokenizers.json", "w") as file:
    json.dump({"versions": versions, "tokens": tokens, "merges": found, "texts": TEXTS, "kinds": kinds}, file, separators=(",", ":"))
    file.write("\n")
print(len(NAMES), "names,", len(kinds), "kinds:", *(k["names"] for k in kinds), sep="\n")
