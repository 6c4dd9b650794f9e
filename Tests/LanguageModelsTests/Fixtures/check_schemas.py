"""Checks JSON lines {"schema", "text"}: each text is a document that its schema allows. Usage: check_schemas.py FILE"""
import json
import sys

import jsonschema

checker = jsonschema.FormatChecker()
count = 0
for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    validator = jsonschema.Draft202012Validator(case["schema"], format_checker=checker)
    try:
        validator.validate(json.loads(case["text"]))
    except Exception as problem:
        sys.exit(f"{json.dumps(case)}: {problem}")
    count += 1
print(count, "valid")
