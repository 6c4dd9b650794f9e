"""Answers in the form in which MATH's own grading compares them, for ReasoningTests.

usage: python math_answers.py FOLDER        FOLDER is a checkout of github.com/hendrycks/math; writes math_answers.json beside this
file. It imports the published modeling/math_equivalence.py and calls it; none of it is kept here.
"""
import json, pathlib, subprocess, sys

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder / "modeling"))
import math_equivalence

answers = r"""
5;\frac{1}{2};\frac12;\frac1{72};\frac{72}1;\tfrac34;\dfrac{3}{4};3/4;03/4;a/b;-3/4;1/2/3;0.5;.5;x=.5;x = 5;xyz=5;k=;
\sqrt3;\sqrt{3};2\sqrt3+\sqrt 5;\sqrt;10\%;\$10;10\text{ cm};\text{east};5\text{ cm}\text{ wide};90^\circ;90^{\circ};
\left(1,2\right);( 1 , 2 );\left[ 0, .5 \right];1,\!000;1\\2;{.5};x^2 + 2x;\frac{\sqrt3}2;\frac;\frac1;\frac ab;\frac{a}b;
\begin{pmatrix} 1 \\ 2 \end{pmatrix};-.5; .5;2 .5;y=x=3;\text{ };12 \text{ units};p - q;\frac{1}{2}\frac34;\pi;
\frac\pi2;7.0;1{,}000;100,000;0;-0;=5;ab=5;\text{Yes};\tfrac12 + \dfrac12;3 + 4i;(-\infty, 5];6/ 7;6 /7;+3/4;1000000/3;
\sqrt[3]{2};\sqrt12;\%;\$;\left\lfloor x \right\rfloor;x \in [0,1];é/ü;\frac{1}{ 2};5^\circ \text{ C};;
""".replace("\n", "").split(";")
pairs = []
for text in answers:
    try:
        pairs.append([text, math_equivalence._strip_string(text)])
    except Exception:
        # The published comparison falls back on the texts as they stand.
        pairs.append([text, text])
commit = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
(here / "math_answers.json").write_text(json.dumps({"commit": commit, "pairs": pairs}, ensure_ascii=False) + "\n")
print(len(pairs))
