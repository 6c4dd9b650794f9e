#!/usr/bin/env python3
"""The corpora that the published study's learners were shown, as the table that
`apprentice teach regex-study --curricula` reads.

    git clone https://github.com/longouyang/ppbe-rx-measure
    Benchmarks/teaching/curricula.py ppbe-rx-measure/src/curricula.js > curricula.csv
    apprentice teach regex-study --data ppbe-rx-measure/data/d05/production-results/responses.csv \\
      --generalization ppbe-rx-measure/data/d06b/production-results/generalization.csv \\
      --curricula curricula.csv
"""

import csv
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
rows = json.loads(text[text.index("[") : text.rindex("]") + 1])
table = csv.writer(sys.stdout)
table.writerow(["worker.id", "rule.id", "example.num", "polarity", "string"])
for row in rows:
    table.writerow([row[key] for key in ("teacher.id", "rule.id", "example.num", "polarity", "string")])
