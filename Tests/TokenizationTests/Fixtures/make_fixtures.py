#!/usr/bin/env python3
"""Golden values for the Tokenization tests, from the `tokenizers` and `transformers` packages.

Run: python make_fixtures.py        (rewrites the JSON files beside it; same input, same output)
The versions used are recorded in versions.json.
"""
import json
import os
import random

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import Regex

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20261121
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


def corpus():
    """A few hundred lines made from a word list: no file of anyone's is needed."""
    rng = random.Random(SEED)
    words = ("the of and to in a is that for it as was with be by on not he I this are or his from at which but "
             "have an had they you were their one all we can her has there been if more when will would who so no "
             "out up into them then she many some these could people time only now little such naïve café Zürich "
             "tokenizer tokenization merging merges merged learn learned learning teach teacher taught don't I'll "
             "we've it's they're 日本語 東京 привет мир नमस्ते 한국어 שלום 😀 👩‍👩‍👧 2026 1,234 3.14159 "
             "foo_bar() {x: 1} => <b>bold</b> \t\ttabs").split(" ")
    lines = []
    for _ in range(400):
        count = rng.randint(3, 14)
        lines.append(" ".join(rng.choice(words) for _ in range(count)) + rng.choice([".", "!", "?", "", "  ", "\n"]))
    return lines


def fuzz():
    rng = random.Random(SEED + 1)
    fixed = [
        "", " ", "  ", "\n", "\r\n", "\t", " \n ", "Hello, world!", "Hello  world", " leading", "trailing ",
        "don't DON'T I'LL we'Ve it'S 'ſ 's'", "It's 12345 and 1234567 or 3.14 ½ ² Ⅷ ٣٤٥", "a\u0301 \u00e1 e\u0301\u0301 n\u0303",
        "\u0301starts with a mark", "ﬁ ﬂ ½ Å K ſ", "東京は日本の首都です。", "한국어 텍스트", "नमस्ते दुनिया", "שלום עולם", "مرحبا بالعالم",
        "mixed עברית and English 123", "😀😃👩‍👩‍👧‍👦🇫🇷👍🏽", "\u0000\u0001\u0002\u001f\u007f", "\u0080\u0085\u00a0\u00ad", "\ufffd\ufffd abc \ufffd",
        "\u200b\u200c\u200d\u2028\u2029\u202f\u3000\ufeff", "\u180e mongolian", "tab\tseparated\tvalues", "line one\nline two\r\nline three\n\n\nend",
        "   \n   \n  x", "x   \n\n   y", "     ", "a" * 300, " " * 600, "\n" * 300, "ab" * 200, "=" * 120 + "\n" + "-" * 120,
        "def f(x):\n    return x ** 2  # comment\n\n\tif x:\n\t\tpass", "https://example.com/a?b=c&d=e#f", "user@example.com", "C++ && Rust <-> Swift",
        "<|endoftext|>", "a<|endoftext|>b", "<|endoftext|", "< |endoftext|>", "<|im_start|>user\nhi<|im_end|>\n", "<<|endoftext|>>",
        "<s>", "</s>", "<unk>", "[CLS] x [SEP]", "<0x0A>", "▁x▁▁y", "Ġx Ċ", "\U0010ffff\U000e0001", "\u0378\u0530 unassigned", "Ǆ ǅ ǆ İ ı ß ẞ Σ ς",
    ]
    pools = ["abcdefgh XYZ", " \t\n\r", "0123456789.,", "'\"!?-_()[]{}<>|", "éüñçàöß", "日本語中文字", "אבגד", "ابجد", "😀👍🏽\u200d♀️",
             "\u0301\u0308\u0327", "\u0000\u001b\u0085\u00a0", "Ωπσς", "ＡＢ１２", "กขค", "ﬁ½²Ⅳ"]
    made = []
    for _ in range(160):
        text = ""
        for _ in range(rng.randint(1, 12)):
            pool = rng.choice(pools)
            text += "".join(rng.choice(pool) for _ in range(rng.randint(1, 6)))
        made.append(text)
    return fixed + made


def byte_level(pattern, vocabulary, lines, normalizer=None):
    tok = Tokenizer(models.BPE())
    if pattern is None:
        tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        tok.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    if normalizer is not None:
        tok.normalizer = normalizer
    tok.decoder = decoders.ByteLevel()
    tok.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=True)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, min_frequency=2, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tok.train_from_iterator(lines, trainer)
    return tok


def golden(tok, texts):
    tok.encode_special_tokens = True   # text stays text
    plain = [tok.encode(t, add_special_tokens=False).ids for t in texts]
    tok.encode_special_tokens = False
    rows = []
    for text, ids in zip(texts, plain):
        full = tok.encode(text)
        rows.append({
            "plain": ids,
            "ids": full.ids,
            "offsets": [list(o) for o in full.offsets],
            "tokens": full.tokens,
            "decoded": tok.decode(full.ids, skip_special_tokens=False),
            "decoded_skipping": tok.decode(full.ids, skip_special_tokens=True),
        })
    return rows


def write(name, value):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")


def save(name, tok, texts):
    path = os.path.join(HERE, name)
    os.makedirs(path, exist_ok=True)
    tok.save(os.path.join(path, "tokenizer.json"), pretty=False)
    write(name + "/golden.json", golden(tok, texts))


def main():
    lines, texts = corpus(), fuzz()
    write("corpus.json", lines)
    write("fuzz.json", texts)
    save("gpt2", byte_level(None, 700, lines), texts)
    llama = byte_level(LLAMA3, 700, lines)
    llama.post_processor = processors.Sequence([
        processors.ByteLevel(add_prefix_space=False, trim_offsets=False),
        processors.TemplateProcessing(single="<|im_start|> $A", pair="<|im_start|> $A <|im_start|>:1 $B:1",
                                      special_tokens=[("<|im_start|>", 1)])])
    save("llama3", llama, texts)
    save("qwen2", byte_level(QWEN2, 700, lines, normalizers.NFC()), texts)
    write("versions.json", {"tokenizers": tokenizers.__version__, "seed": SEED})


if __name__ == "__main__":
    main()
