"""What `tokenizers` makes of texts with a tokenizer.json: one line of ids and the decoded text for each.

usage: encode_texts.py TOKENIZER.json TEXTS.json
"""
import json, sys
import tokenizers

tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1])
for text in json.load(open(sys.argv[2], encoding="utf-8")):
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    print(json.dumps([ids, tokenizer.decode(ids, skip_special_tokens=False)]))
