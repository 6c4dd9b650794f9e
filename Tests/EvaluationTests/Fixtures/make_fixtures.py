"""Golden values for the Evaluation tests, from the rouge-score package and NLTK's Porter stemmer.

Run with: python make_fixtures.py [WORDS.txt]   (rouge-score, nltk)
WORDS.txt: any text whose words join the stemmer's list; without it only the built-in ones are used.
"""

import itertools
import json
import pathlib
import random
import re
import sys
from importlib import metadata

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

SEED = 2004
random.seed(SEED)

stems = ["", "re", "un", "hop", "agre", "plaster", "conflat", "siz", "fall", "hiss", "fizz", "fail",
         "sky", "enjoy", "happ", "spy", "relat", "valen", "digit", "conform", "radic", "differ", "vile",
         "analog", "viet", "operat", "feud", "decis", "hope", "call", "form", "sensit", "triplic",
         "electr", "good", "reviv", "allow", "airlin", "gyroscop", "adjust", "defens", "irrit", "replac",
         "adopt", "homolog", "commun", "activ", "angular", "bowdler", "prob", "ceas", "control", "roll",
         "toy", "syzyg", "yyyy", "b", "ab", "wax", "tray", "geo", "apolog", "x1y2", "ox", "ow", "tie"]
suffixes = ["", "s", "es", "ies", "sses", "ss", "ed", "ied", "eed", "ing", "y", "ational", "tional", "enci",
            "anci", "izer", "bli", "abli", "alli", "entli", "eli", "ousli", "ization", "ation", "ator",
            "alism", "iveness", "fulness", "ousness", "aliti", "iviti", "biliti", "fulli", "logi", "logy",
            "icate", "ative", "alize", "iciti", "ical", "ful", "ness", "al", "ance", "ence", "er", "ic",
            "able", "ible", "ant", "ement", "ment", "ent", "ion", "sion", "tion", "ou", "ism", "ate", "iti",
            "ous", "ive", "ize", "e", "ll", "lle", "ly", "ally", "ingly", "edly"]
words = {a + b for a, b in itertools.product(stems, suffixes)} - {""}
words |= {"sky", "skies", "dying", "lying", "tying", "news", "innings", "inning", "outings", "cannings",
          "howe", "proceed", "exceed", "succeed", "dies", "died", "ties", "tied", "flies", "spied"}
if len(sys.argv) > 1:
    words |= set(re.findall(r"[a-z]+", pathlib.Path(sys.argv[1]).read_text().lower()))
stemmer = PorterStemmer()
stemmed = {w: stemmer.stem(w) for w in sorted(words)}

pairs = [
    ("the cat was on the mat", "cats sat on the mat"),
    ("", ""), ("a b c", ""), ("", "a b c"), ("... !!", "??"), ("one", "one"),
    ("the the the the", "the the"),
    ("police killed the gunman", "the gunman police killed"),
    ("Don't panic -- it's 42.5% done_now!", "don t panic it s 42 5 done now"),
    ("Ångström naïve café İstanbul \u212Aelvin", "ngstr m na ve caf i stanbul kelvin"),
    ("line one here\nline two there\n\nline three", "line two here\r\nline one there\nthree"),
    ("a b c d e f g", "g f e d c b a"),
    ("x a x b x c x", "a x b x c"),
    ("日本語のテキスト", "日本語"),
    ("tabs\tand\u00a0spaces\u2028separators", "tabs and spaces separators"),
]
vocabulary = ["run", "running", "runner", "relational", "relate", "quick", "quickly", "dog", "dogs",
              "happy", "happiness", "the", "a", "of", "studies", "study", "2020", "x"]
for _ in range(60):
    def text():
        sentences = [" ".join(random.choices(vocabulary, k=random.randint(0, 12)))
                     for _ in range(random.randint(1, 4))]
        return random.choice(["\n", ". ", "\n\n"]).join(sentences)
    pairs.append((text(), text()))

kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
scores = []
for stem in [False, True]:
    scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=stem)
    for reference, text in pairs:
        result = scorer.score(reference, text)
        scores.append({"stemming": stem, "reference": reference, "text": text,
                       "scores": {k: list(map(float, result[k])) for k in kinds}})
scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=True)
references = ["the quick dog runs", "a happy dog", "dogs of happiness running quickly"]
multi = scorer.score_multi(references, "happy dogs running quick")

here = pathlib.Path(__file__).parent
versions = {"python": sys.version.split()[0], "rouge-score": metadata.version("rouge-score"),
            "nltk": metadata.version("nltk")}
(here / "rouge.json").write_text(json.dumps({
    "versions": versions, "seed": SEED, "cases": scores,
    "multi": {"references": references, "text": "happy dogs running quick",
              "scores": {k: list(map(float, multi[k])) for k in kinds}}},
    separators=(",", ":"), ensure_ascii=True) + "\n")
(here / "stems.json").write_text(json.dumps({"versions": versions, "stems": stemmed},
                                            separators=(",", ":")) + "\n")
