"""Values of calculator expressions by Python itself, and answers by the published graders' rules, for ReasoningTests.

usage: python make_fixtures.py        writes calculator.json beside this file; standard library only
seed 20261128. The rule for expressions is that of grade-school-math's calculator.py: commas dropped, no characters but
0123456789*+-/.(), then Python's eval. What is an error there is null here, as is what takes numbers beyond 1e18.
"""
import ast, json, pathlib, random, sys, warnings

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).parent
random.seed(20261128)


def bounded(node):
    """Evaluates like Python, giving up (OverflowError) before a power takes the machine away."""
    if isinstance(node, ast.Expression):
        return bounded(node.body)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp):
        value = bounded(node.operand)
        return -value if isinstance(node.op, ast.USub) else +value
    if isinstance(node, ast.BinOp):
        a, b = bounded(node.left), bounded(node.right)
        if isinstance(node.op, ast.Pow):
            if abs(b) > 40 or abs(a) > 1e6:
                raise OverflowError
            return a ** b
        return {ast.Add: lambda: a + b, ast.Sub: lambda: a - b, ast.Mult: lambda: a * b, ast.Div: lambda: a / b,
                ast.FloorDiv: lambda: a // b}[type(node.op)]()
    raise TypeError(type(node))


def value(text):
    try:
        found = bounded(ast.parse(text.replace(",", ""), mode="eval"))
        return found if isinstance(found, (int, float)) and abs(found) < 1e18 else None
    except Exception:
        return None


def number():
    kind = random.random()
    if kind < 0.6:
        return str(random.randint(0, 999))
    if kind < 0.75:
        return f"{random.randint(0, 99)}.{random.randint(0, 99)}"
    if kind < 0.85:
        return f".{random.randint(0, 9)}5"
    if kind < 0.9:
        return f"{random.randint(1, 99)}."
    return f"{random.randint(1, 999)},{random.randint(0, 999):03d}"


def expression(depth):
    if depth == 0 or random.random() < 0.25:
        return number()
    kind = random.random()
    if kind < 0.15:
        return f"({expression(depth - 1)})"
    if kind < 0.22:
        return random.choice("+-") + expression(depth - 1)
    if kind < 0.28:
        return f"{expression(depth - 1)}**{random.randint(0, 4)}"
    return expression(depth - 1) + random.choice(["+", "-", "*", "/", "//"]) + expression(depth - 1)


cases = [expression(random.randint(1, 4)) for _ in range(1500)]
# What nobody means, and models write: any characters of the alphabet.
cases += ["".join(random.choice("0123456789*+-/.()") for _ in range(random.randint(1, 9))) for _ in range(1500)]
cases += ["", "()", "(3", "3)", "3(4)", "007", "00", "007.5", "1..5", "1.2.3", "--3", "+-+3", "2**-1", "-2**2", "2**3**2",
          "(2**3)**2", "2***3", "5/0", "0/0", "1//0", "0**0", "0**-1", "7//2", "-7//2", "7//-2", "7.5//2", "3*-2", "3/-2",
          "1,200*2", ",,,", "3,*4", "((((((3))))))", ".", "5.", ".5", "*3", "3*", "1/3", "100/3", "2/7*7"]
seen, rows = set(), []
for text in cases:
    if text in seen:
        continue
    seen.add(text)
    rows.append([text, value(text)])
(here / "calculator.json").write_text(json.dumps({"python": sys.version.split()[0], "cases": rows}) + "\n")
print(len(rows), sum(v is not None for _, v in rows))
