#!/usr/bin/env python3
"""Golden values for the Tokenization tests, from the `tokenizers` and `transformers` packages.

Run: python make_fixtures.py [--retrain]        (rewrites the JSON files beside it)

Vocabularies that exist are kept, because some of the library's trainers learn slightly different ones each time;
--retrain learns all anew. The versions used are recorded in versions.json.
"""
import json
import os
import random
import sys
import tempfile

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import AddedToken, Regex

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
        row = {
            "ids": full.ids,
            "offsets": [n for o in full.offsets for n in o],
            "tokens": full.tokens,
            "decoded": tok.decode(full.ids, skip_special_tokens=False),
        }
        if ids != full.ids:
            row["plain"] = ids
        skipping = tok.decode(full.ids, skip_special_tokens=True)
        if skipping != row["decoded"]:
            row["decoded_skipping"] = skipping
        rows.append(row)
    return rows


def edited(tok, change):
    """The tokenizer after a change to its JSON."""
    spec = json.loads(tok.to_str())
    change(spec)
    return Tokenizer.from_str(json.dumps(spec))


BYTES = [f"<0x{b:02X}>" for b in range(256)]


def without_byte_tokens(spec):
    """Byte tokens are learnt as special ones to get their ids; in real files they are plain entries."""
    spec["added_tokens"] = [t for t in spec["added_tokens"] if t["content"] not in BYTES]
    spec["model"]["byte_fallback"] = True
    spec["model"]["fuse_unk"] = True
    spec["model"]["unk_token"] = "<unk>"


def llama2(lines):
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tok.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")   # for training only
    tok.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<unk>", "<s>", "</s>"] + BYTES, limit_alphabet=90, show_progress=False))
    tok.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tok.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])

    def change(spec):
        without_byte_tokens(spec)
        spec["pre_tokenizer"] = None
    return edited(tok, change)


def gemma(lines):
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.Replace(" ", "▁")
    tok.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tok.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"] + BYTES, limit_alphabet=90,
        show_progress=False))
    tok.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tok.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)])
    return edited(tok, without_byte_tokens)


def mistral(lines):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Metaspace("▁", "first", split=True)
    tok.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<unk>", "<s>", "</s>"] + BYTES, limit_alphabet=90, show_progress=False))
    tok.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])

    def change(spec):
        without_byte_tokens(spec)
        spec["pre_tokenizer"]["split"] = False
        spec["added_tokens"].append({"id": 3, "content": "[INST]", "single_word": False, "lstrip": False,
                                     "rstrip": False, "normalized": False, "special": True})
    return edited(tok, change)


def unigram(lines):
    tok = Tokenizer(models.Unigram())
    tok.normalizer = normalizers.Sequence([
        normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tok.pre_tokenizer = pre_tokenizers.Metaspace()
    tok.decoder = decoders.Metaspace()
    tok.train_from_iterator(lines, trainers.UnigramTrainer(
        vocab_size=400, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    tok.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tok


def bert(lines):
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer()
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.decoder = decoders.WordPiece()
    tok.train_from_iterator(lines, trainers.WordPieceTrainer(
        vocab_size=400, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False))
    tok.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tok


def roberta(lines):
    tok = byte_level(None, 500, lines)
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tok.post_processor = processors.RobertaProcessing(("<|im_end|>", 2), ("<|im_start|>", 1), True, True)
    return tok


def smollm(lines):
    tok = byte_level(None, 500, lines)
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return tok


def neox(lines):
    tok = byte_level(None, 500, lines, normalizers.NFC())
    tok.add_tokens([" " * n for n in range(24, 1, -1)])
    return tok


O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def o200k(lines):
    return byte_level(O200K, 500, lines)


def deepseek(lines):
    tok = byte_level(None, 500, lines)
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "isolated"),
        pre_tokenizers.Split(Regex(r"[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
        pre_tokenizers.Split(Regex(
            r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
            r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tok


def added(lines):
    """Every rule of added tokens at once, under a normaliser that changes lengths."""
    tok = Tokenizer(models.BPE(unk_token="<unk>"))
    tok.normalizer = normalizers.Sequence([
        normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits()])
    tok.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<unk>", "<|endoftext|>"], continuing_subword_prefix="",
        end_of_word_suffix="</w>", show_progress=False))
    tok.decoder = decoders.BPEDecoder("</w>")
    tok.add_tokens([
        AddedToken("Hello", normalized=True), AddedToken("world", single_word=True, normalized=False),
        AddedToken("line", lstrip=True, rstrip=True, normalized=False), AddedToken("ab", single_word=True),
        AddedToken("abab", normalized=False, rstrip=True), AddedToken("日本", normalized=True, lstrip=True)])
    tok.add_special_tokens([AddedToken("<|im_start|>", lstrip=True, rstrip=True), AddedToken("<|im_end|>")])
    return tok


def precompiled(lines):
    """SentencePiece's compiled rules; the map comes from the sentencepiece package, from rules made up here."""
    import io
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
    rules = ["FB01\t66 69", "A0\t20", "200B\t", "41 30A\tC5", "65 301\tE9", "FF21\t41", "2028\t20", "B2\t32", "1F600\t3A 29",
             "65E5 672C\t4A 50"]
    tsv, out = os.path.join(tempfile.mkdtemp(), "rules.tsv"), io.BytesIO()
    with open(tsv, "w", encoding="utf-8") as f:
        f.write("\n".join(rules) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, vocab_size=250, normalization_rule_tsv=tsv, minloglevel=2,
        hard_vocab_limit=False)
    model = sentencepiece_model_pb2.ModelProto.FromString(out.getvalue())
    tok = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    tok.normalizer = normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap)
    tok.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tok.train_from_iterator(lines, trainers.WordLevelTrainer(vocab_size=150, special_tokens=["<unk>"], show_progress=False))
    return tok


def words(lines):
    tok = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tok.normalizer = normalizers.NFKD()
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    tok.train_from_iterator(lines, trainers.WordLevelTrainer(
        vocab_size=150, special_tokens=["<unk>"], show_progress=False))
    return tok


OTHERS = [llama2, gemma, mistral, unigram, bert, roberta, smollm, neox, o200k, deepseek, added, precompiled, words]


def lengths(tok):
    """Truncation and padding of single texts, pairs and batches."""
    cases = []
    texts = ["the people could make time", "they are not", "a", "", "don't learn what you were taught by them"]
    for direction in ["right", "left"]:
        for limit, stride in [(6, 0), (9, 2), (8, 1), (11, 3)]:
            for strategy in ["longest_first", "only_first"]:
                tok.no_padding()
                tok.enable_truncation(limit, stride=stride, strategy=strategy, direction=direction)
                for text, pair in [(texts[0], None), (texts[4], texts[0]), (texts[1], texts[4])]:
                    try:
                        e = tok.encode(text, pair)
                    except BaseException:  # a stride that leaves no progress panics, which is no Exception
                        continue
                    row = {"text": text, "limit": limit, "stride": stride, "strategy": strategy,
                           "direction": direction, "ids": e.ids, "type_ids": e.type_ids,
                           "mask": e.special_tokens_mask}
                    if pair is None:
                        row["overflowing"] = [o.ids for o in e.overflowing]
                    else:
                        row["pair"] = pair
                    cases.append(row)
    tok.no_truncation()
    batches = []
    for direction in ["right", "left"]:
        for length, multiple in [(None, None), (12, None), (None, 8), (3, None)]:
            tok.enable_padding(direction=direction, pad_id=0, pad_type_id=2, pad_token="[PAD]", length=length,
                               pad_to_multiple_of=multiple)
            batches.append({"direction": direction, "length": length, "multiple": multiple, "rows": [
                {"ids": e.ids, "mask": e.attention_mask, "type_ids": e.type_ids, "special": e.special_tokens_mask}
                for e in tok.encode_batch(texts)]})
    tok.no_padding()
    return {"truncation": cases, "texts": texts, "padding": batches}


def write(name, value):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")


def save(name, tok, texts):
    path = os.path.join(HERE, name)
    file = os.path.join(path, "tokenizer.json")
    os.makedirs(path, exist_ok=True)
    if "--retrain" in sys.argv or not os.path.exists(file):
        tok.save(file, pretty=False)
    tok = Tokenizer.from_file(file)
    write(name + "/golden.json", golden(tok, texts))


def classes():
    """The code points of each class that split patterns use, as first and last of each run."""
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    text = "".join(map(chr, points))
    result = {}
    for name, pattern in [("letter", r"\p{L}"), ("number", r"\p{N}"), ("space", r"\s")]:
        rest = set(normalizers.Replace(Regex(pattern), "").normalize_str(text))
        runs = []
        for c in points:
            if chr(c) in rest:
                continue
            if runs and runs[-1] == c - 1:
                runs[-1] = c
            else:
                runs += [c, c]
        result[name] = runs
    return result


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
    for make in OTHERS:
        known = os.path.exists(os.path.join(HERE, make.__name__, "tokenizer.json"))
        save(make.__name__, None if known and "--retrain" not in sys.argv else make(lines), texts)
    write("lengths.json", lengths(Tokenizer.from_file(os.path.join(HERE, "bert", "tokenizer.json"))))
    write("classes.json", classes())
    write("versions.json", {"tokenizers": tokenizers.__version__, "seed": SEED})


if __name__ == "__main__":
    main()
