#!/usr/bin/env python3
"""Golden ids and texts of tokenizers with a `Prepend` normaliser and added tokens that are normalised, by `tokenizers`.

Run: python make_prepend_fixtures.py        (rewrites prepend.json beside it)
"""
import json
import os
import random

import tokenizers

HERE = os.path.dirname(os.path.abspath(__file__))
REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
NORMALIZERS = {
    "prepend and replace": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, REPLACE]},
    "replace": REPLACE, "prepend": {"type": "Prepend", "prepend": "▁"},
}
ADDED = [("oof", False), ("<x>", True), (" ed", False), ("▁ba", False), ("b c", False), ("<y>", True)]


def document(normalizer, options):
    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2}
    merges = ["▁ a", "▁ b", "f o", "fo o", "▁ foo", "a b", "▁ ab", "d e", "▁ de"]
    words = ["<0x%02X>" % byte for byte in range(256)] + ["▁"] + list("abcdefo<>") + [m.replace(" ", "") for m in merges]
    for word in words:
        vocabulary[word] = len(vocabulary)
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    added = [{"id": i, "content": content, **plain} for i, content in ((1, "<s>"), (2, "</s>"))] + [
        {"id": len(vocabulary) + i, "content": content, **plain, **options, "special": special}
        for i, (content, special) in enumerate(ADDED)]
    decoders = [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]
    if "prepend" in normalizer:
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": NORMALIZERS[normalizer],
        "pre_tokenizer": None, "post_processor": None, "decoder": {"type": "Sequence", "decoders": decoders},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
            "vocab": vocabulary, "merges": merges}}


def main():
    random.seed(5)
    kinds = []
    for name in NORMALIZERS:
        for options in ({"normalized": True}, {"normalized": True, "lstrip": True}, {"normalized": True, "rstrip": True},
                        {"normalized": True, "single_word": True}, {"normalized": False}):
            source = document(name, options)
            tokenizer = tokenizers.Tokenizer.from_str(json.dumps(source))
            rows = []
            for _ in range(40):
                text = "".join(
                    random.choice(["oof", "foo", "ba", "<x>", " ed", "ab", "b c", " ", "a", "<s>", "é", "o", "<y>"])
                    for _ in range(random.randint(1, 7)))
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                rows.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                             "skipping": tokenizer.decode(ids)})
            kinds.append({"name": f"{name}, {options}", "document": source, "rows": rows})
    with open(os.path.join(HERE, "prepend.json"), "w", encoding="utf-8") as f:
        json.dump({"versions": {"tokenizers": tokenizers.__version__}, "kinds": kinds}, f, ensure_ascii=False)
        f.write("\n")


if __name__ == "__main__":
    main()
