"""Judges JSON lines {"schema", "text"}: prints 1 for each text that is a document its schema allows, else 0.

Usage: check_schemas.py FILE
"""
import json
import sys

import jsonschema

checker = jsonschema.FormatChecker()
for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    validator = jsonschema.Draft202012Validator(case["schema"], format_checker=checker)
    print("1" if validator.is_valid(json.loads(case["text"])) else "0", end="")
