"""Invented bugs: each scene is a small file, the edits that mend it and the ways people ask for that.

Names are drawn anew for each scene, so that the model has to copy from what it read; the demo's own cart stands among them.
"""
import os
import re

WORDS = (
    "the a file test line code error value result function module index config list item user data path name type size count "
    "start end read write check run fix return const let import export class def self this null true false async await "
    "string number object array map filter reduce token buffer stream socket server client request response status body "
    "head tail first last next prev left right up down open close get set put add remove update insert select order by "
    "project source build target task step plan note main util helper parser lexer model view state event handler"
).split()
PLACES = ["src", "lib", "app", "pkg", "core", "source", "utils", "server", "src/math", "src/shop", "lib/text"]
FILES = "calc sum range max even clamp abs first last list math stats total number pair add queue stack text price score point grid color date user order".split()
VERBS = "add sum plus combine join total range count max best even check clamp limit abs first last head pick find make compute merge fold".split()
NAMES = "a b c x y n m left right low high value item total start end one two left right first second list values items price rate count best top size part whole".split()


SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src")


def words_of(folder):
    """Every short word of the project's own sources: some thousands."""
    found = set()
    for place, _, files in sorted(os.walk(folder)):
        for name in sorted(files):
            if name.endswith(".ts"):
                with open(os.path.join(place, name), encoding="utf8") as file:
                    found.update(re.findall(r"\b[a-z]{3,9}\b", file.read()))
    return sorted(found)


KNOWN = words_of(SOURCES)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invented(rand):
    """A word that the model can't expect: it has to copy it."""
    if rand.random() < 0.6:
        return rand.choice(KNOWN)
    if rand.random() < 0.5:
        return "".join(rand.choice("bcdfghjklmnprstvwz") + rand.choice("aeiou") + rand.choice(["", "", "n", "r", "s", "ck"]) for _ in range(rand.randint(1, 3)))
    return "".join(rand.choice(LETTERS) for _ in range(rand.randint(3, 6)))


def word(rand, known):
    return rand.choice(known) if rand.random() < 0.5 else invented(rand)


def names(rand, count):
    """Different ones."""
    found = {}
    while len(found) < count:
        found[word(rand, NAMES)] = True
    return list(found)


def plus(rand, lang):
    a, b = names(rand, 2)
    end = "" if lang in ("py", "go") else ";"
    return [a, b], [], f"return {a} - {b}{end}", f"return {a} + {b}{end}", []


def total(rand, lang):
    xs, x, t = names(rand, 3)
    if lang == "py":
        return [xs], [], f"{t} = 1", f"{t} = 0", [f"for {x} in {xs}:", f"    {t} += {x}", f"return {t}"]
    return [xs], [], f"let {t} = 1;", f"let {t} = 0;", [f"for (const {x} of {xs}) {t} += {x};", f"return {t};"]


def upto(rand, lang):
    s, e = names(rand, 2)
    i = rand.choice("ijk")
    if lang == "py":
        return [s, e], [], f"return list(range({s}, {e} + 1))", f"return list(range({s}, {e}))", []
    return [s, e], ["const out = [];"], f"{i} <= {e}", f"{i} < {e}", [("for (let %s = %s; ", i, s, "; %s++) out.push(%s);"), "return out;"]


def largest(rand, lang):
    xs, x, best = names(rand, 3)
    if lang == "py":
        return [xs], [f"{best} = {xs}[0]", f"for {x} in {xs}:"], f"if {x} < {best}:", f"if {x} > {best}:", [f"        {best} = {x}", f"return {best}"]
    return [xs], [f"let {best} = {xs}[0];"], f"if ({x} < {best})", f"if ({x} > {best})", [("for (const %s of %s) ", x, xs, f" {best} = {x};"), f"return {best};"]


def even(rand, lang):
    (n,) = names(rand, 1)
    if lang == "py":
        return [n], [], f"return {n} % 2 == 1", f"return {n} % 2 == 0", []
    return [n], [], f"return {n} % 2 === 1;", f"return {n} % 2 === 0;", []


def clamp(rand, lang):
    v, lo, hi = names(rand, 3)
    if lang == "py":
        return [v, lo, hi], [], f"return max({lo}, {v})", f"return max({lo}, min({hi}, {v}))", []
    return [v, lo, hi], [], f"return Math.max({lo}, {v});", f"return Math.max({lo}, Math.min({hi}, {v}));", []


def first(rand, lang):
    (xs,) = names(rand, 1)
    end = "" if lang == "py" else ";"
    return [xs], [], f"return {xs}[1]{end}", f"return {xs}[0]{end}", []


def positive(rand, lang):
    (n,) = names(rand, 1)
    if lang == "py":
        return [n], [], f"return {n} if {n} < 0 else -{n}", f"return {n} if {n} > 0 else -{n}", []
    return [n], [], f"return {n} < 0 ? {n} : -{n};", f"return {n} > 0 ? {n} : -{n};", []


BUGS = [plus, total, upto, largest, even, clamp, first, positive]


def function(rand, bug, lang, name, mended):
    """A function's lines; mended: without its bug. Also the wrong text and the right one."""
    params, before, wrong, right, after = bug(rand, lang)
    shown = right if mended else wrong
    after = list(after)
    if after and isinstance(after[0], tuple):
        form, one, two, rest = after.pop(0)
        rest = rest % (one, one) if "%s" in rest else rest
        shown = form % (one, two) + shown + rest
    if lang == "py":
        nested = "    " if before and before[-1].endswith(":") else ""
        lines = [f"def {name}({', '.join(params)}):", *("    " + line for line in [*before, nested + shown, *after])]
        return lines, wrong, right
    typed = [f"{param}: number" for param in params] if lang == "ts" and rand.random() < 0.5 else params
    head = rand.choice([f"export function {name}({', '.join(typed)}) {{", f"export function {name}({', '.join(typed)}) {{", f"function {name}({', '.join(typed)}) {{"])
    return [head, *("  " + line for line in [*before, shown, *after]), "}"], wrong, right


def comment(rand, lang):
    mark = "#" if lang == "py" else "//"
    text = " ".join(rand.choice(WORDS) for _ in range(rand.randint(2, 9)))
    return f"{mark} {text}"


def small(rand):
    """One file with one bug, and now and then a sound function beside it."""
    lang = rand.choice(["js", "js", "js", "ts", "mjs", "py"])
    bug = rand.choice(BUGS)
    name = word(rand, VERBS) + rand.choice(["", "", "", "All", "Of", "Two", "Is"])
    place = rand.choice(PLACES) if rand.random() < 0.8 else word(rand, PLACES)
    path = f"{place}/{word(rand, FILES)}{rand.choice(['', '', '', '-' + word(rand, FILES)])}.{lang}"
    lines, wrong, right = function(rand, bug, lang, name, False)
    if rand.random() < 0.35:
        other = rand.choice([one for one in BUGS if one is not bug])
        beside, _, _ = function(rand, other, lang, word(rand, VERBS) + "Too", True)
        lines = [*lines, "", *beside] if rand.random() < 0.5 else [*beside, "", *lines]
    if rand.random() < 0.5:
        lines = [comment(rand, lang), *([""] if rand.random() < 0.5 else []), *lines]
    if lang == "js" and lines[0].startswith("function") and rand.random() < 0.5:
        lines += ["", f"module.exports = {{ {name} }};"]
    return (path, name, lines, [(wrong, right)]) if "\n".join(lines).count(wrong) == 1 else small(rand)


CART = """// The cart: items with a price in cents and how many of each.

const items = new Map();

export function add(name, price, count = 1) {
  const before = items.get(name)?.count ?? 0;
  items.set(name, { price, count: before + count });
}

let percent = 0;

/** A discount in percent of the whole cart. */
export function setDiscount(next) {
  percent = next;
}

export function discount(sum) {
  return sum * percent;
}

export function clear() {
  items.clear();
}

/** How many things lie in the cart. */
export function size() {
  let count = 0;
  for (const item of items.values()) count += item.count;
  return count;
}

/** What the person has to pay, in cents. */
export function total() {
  let sum = 0;
  for (const { price, count } of items.values()) sum += price * count;
  return sum;
}"""


def cart(rand):
    """The demo's file; in every third scene with other names."""
    text = CART
    sum_, percent = "sum", "percent"
    if rand.random() < 0.33:
        sum_, percent = rand.choice(["amount", "cents", "result", "all", "value"]), rand.choice(["rate", "off", "reduction", "part"])
        text = text.replace("sum", sum_).replace("percent", percent).replace(f"{percent} of", "percent of")
    first_edit = (f"return {sum_} * {percent};", f"return Math.round(({sum_} * {percent}) / 100);")
    second_edit = (f"return {sum_};", f"return Math.max(0, {sum_} - discount({sum_}));")
    return "src/cart.js", "total", text.split("\n"), [first_edit, second_edit]


TASKS = [
    "Fix the failing test in {p}.",
    "The tests fail. Please fix {p}",
    "{f} in {p} returns the wrong result. Fix it.",
    "fix the bug in {p}",
    "Repair {f} in {p} and run the tests.",
    "There is a bug in {p}; find it, fix it, then run the tests.",
    "Please fix {p}",
    "make {f} in {p} work",
    "{p} is broken",
    "the test of {f} fails, it is in {p}",
    "mend {p}",
    "{p}: {f} gives wrong results, please mend it and test",
    "look at {p}, something is wrong in {f}",
    "{f} is wrong in {p}, mend it",
    "could you mend {p}? {f} does the wrong thing",
    "in {p} there is a bug in {f}",
    "work on {p} until the tests pass",
    "repair {p}",
]
BEFORE = ["", "", "", "", "please ", "hi, ", "now ", "ok, ", "next: ", "Hello. "]
AFTER = ["", "", "", "", " please", ", then run the tests", " Thanks.", ", {f} is broken", " now", ". The test says why."]
CART_TASKS = [
    "make the cart total include the discount, and never let it fall below zero",
    "make the cart total include the discount",
    "the cart total ignores the discount, fix it",
    "Fix the failing tests of the cart.",
    "The discount is not taken off the total. Please fix the cart.",
    "take the discount off the cart's total, and never go below zero",
    "fix src/cart.js",
    "The tests fail. Please fix src/cart.js",
    "fix the bug in src/cart.js",
    "total in src/cart.js returns the wrong result. Fix it.",
]
