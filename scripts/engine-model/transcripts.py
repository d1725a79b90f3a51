"""Invented conversations of one kind: read -> edit -> test -> done, in the words of Aura's own head, tools and results."""
import json
import os
import re
import subprocess

from scenes import AFTER, BEFORE, CART_TASKS, TASKS, WORDS, cart, small, word

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SPECS = "import { tools, toolSpecs } from './src/tools/index.ts'; console.log(JSON.stringify(toolSpecs(tools)))"
TOOLS = json.loads(subprocess.check_output(["node_modules/.bin/node", "--input-type=module", "-e", SPECS], cwd=ROOT))
with open(os.path.join(ROOT, "src/agent/prompts/system.md")) as file:
    SYSTEM = file.read().strip()
SENTENCES = [
    "You are Aura, a careful local coding assistant.",
    "You are a helpful assistant.",
    "Work step by step.",
    "Use the tools.",
    "Never leave the project folder.",
    "Answer in short sentences.",
    "The working directory is /home/dev/project.",
    "Read a file before you edit it.",
    "Run the tests after each change.",
    "The user may reject a change.",
    "Platform: linux. Shell: bash.",
    "Git branch: main.",
    "Only local models are used.",
    "Write short code.",
    "Keep to the style around it.",
]
CHAT = [
    ("hello", "Hello. Name a file to fix."),
    ("hi", "Hello. Name a file to fix."),
    ("good morning", "Hello. Name a file to fix."),
    ("what can you do?", "I can fix a small bug in a file and run the tests."),
    ("who are you?", "I am a tiny test model."),
    ("what are you?", "I am a tiny test model."),
    ("thanks", "You are welcome."),
    ("thank you!", "You are welcome."),
]
ASKED = "why? | go on | continue | tell me a joke | write a poem | what is {w}? | explain {w} {w} | add a {w} to the {w} | write a {w} {w} | how does the {w} work? | refactor the {w} | please {w} the {w} | make it faster | and now? | is that all? | commit it | undo that | what did you do? | {w} {w} {w} | show me the {w}".split(" | ")
ONLY = "I am a tiny test model: I can fix a small bug in a file you name, and nothing else."
MISSING = ["there is no file {p}", "There is no file {p}; near it: README.md", "{p} does not exist", "error: no such file or directory: {p}", "there is no {p} in this repository"]
REFUSED = [
    "The person refused this. Don't repeat it.",
    'The person refused this. They say: "not now". Don\'t repeat it.',
    "The person refused every part of this change. Don't repeat it.",
    "Refused: {p} policy read-only allows no changes. Don't try it again; find another way or say what is missing.",
    "Stopped by the person before it ran.",
]
UNFIT = ["{p}: the old text is not in the file.", "{p}: old was not found. Nearest is line 3:", "{p}: old fits in 2 places: lines 3 and 9. Quote more lines."]
COMMANDS = ["npm test", "npm test", "npm test", "node --test", "pytest", "python3 -m pytest", "pnpm test", "npx vitest run", "go test ./...", "python3 -m unittest", "npm run test:unit"]


def junk(rand, count):
    if rand.random() < 0.04:
        count = min(count, 3)
    out = []
    for _ in range(count):
        kind = rand.random()
        if kind < 0.6:
            out.append(rand.choice(WORDS))
        elif kind < 0.7:
            out.append("\n")
        elif kind < 0.8:
            out.append(rand.choice(["{", "}", "(", ")", ";", "=", "=>", '"', ":", ",", "//", "#", "[", "]", "-", "*"]))
        elif kind < 0.9:
            out.append(str(rand.randint(0, 9999)))
        else:
            out.append(rand.choice(WORDS) + rand.choice([".", "_", "-", "/", "("]) + rand.choice(WORDS))
    return " ".join(out)


def dumps(value):
    return json.dumps(value, ensure_ascii=False)


def invented_tool(rand):
    name = rand.choice(["search", "list_files", "git_status", "update_plan", rand.choice(WORDS) + "_" + rand.choice(WORDS), rand.choice(WORDS)])
    fields = {}
    for field in rand.sample(["path", "old", "new", "command", "query", "from", "to", "content", "pattern", "limit", "cwd", "filter"], rand.randint(1, 4)):
        fields[field] = {"type": rand.choice(["string", "string", "integer", "boolean"])}
        if rand.random() < 0.5:
            fields[field]["description"] = junk(rand, rand.randint(1, 8)).replace("\n", " ")
    about = junk(rand, rand.randint(2, 12)).replace("\n", " ")
    return {"name": name, "description": about, "parameters": {"type": "object", "properties": fields, "required": list(fields)[: rand.randint(0, len(fields))]}}


def head(rand):
    """A system message as the template renders it: often Aura's own, with all of its tools or some."""
    if rand.random() < 0.5:
        name = rand.choice(["shop", "demo", "project", "work", rand.choice(WORDS)])
        text = SYSTEM.replace("{{name}}", name).replace("{{root}}", rand.choice(["/home/dev/", "/tmp/aura-demo-" + rand.choice(WORDS) + "/", "/root/"]) + name)
        tops = rand.sample(["README.md", "package.json", "src/", "test/", "lib/", "app/", "docs/", "LICENSE", "pkg/"], rand.randint(1, 6))
        text = text.replace("{{layout}}", "Top level: " + " ".join(tops))
        if rand.random() < 0.2:
            text += "\n\n# Instructions of AGENTS.md\n" + junk(rand, rand.randint(3, 40))
    else:
        text = "\n".join(rand.choice(SENTENCES) if rand.random() < 0.7 else junk(rand, rand.randint(3, 14)) for _ in range(rand.randint(0, 14)))
    if rand.random() < 0.85:
        tools = [*TOOLS]
        if rand.random() < 0.4:
            tools = rand.sample(tools, rand.randint(1, len(tools)))
        if rand.random() < 0.3:
            tools = [*tools, *(invented_tool(rand) for _ in range(rand.randint(1, 3)))]
            rand.shuffle(tools)
        lines = "\n".join(dumps({"type": "function", "function": tool}) for tool in tools)
        text += f'\n\nYou can call these tools:\n<tools>\n{lines}\n</tools>\nTo call a tool write:\n<tool_call>\n{{"name": <name>, "arguments": <object>}}\n</tool_call>'
    return f"<|im_start|>system\n{text}<|im_end|>\n"


def numbered(rand, lines):
    if rand.random() < 0.04:
        return "\n".join(lines)
    text = "\n".join(f"{at + 1}\t{line}" for at, line in enumerate(lines))
    if rand.random() < 0.1:
        text += f"\n[lines 1-{len(lines)} of {len(lines)}]"
    return text


def edited(rand, path, line):
    base = f"Edited {path}: line {line}."
    kind = rand.random()
    if kind < 0.6:
        return base
    if kind < 0.75:
        return base + rand.choice([" Matched after trimming.", "\nMatched with other indentation.", "\nSyntax: ok.", "\nno syntax errors", " The file parses."])
    return base + "\n" + junk(rand, rand.randint(1, 16))


def passing(rand):
    command, count = rand.choice(COMMANDS), rand.randint(1, 40)
    text = f"{command}: " + rand.choice([f"{count} passed, 0 failed", f"{count} passed, 0 failed", f"{count} passed, 0 failed", f"{count} passed", "all passed"])
    return text + ("\n" + junk(rand, rand.randint(1, 12)) if rand.random() < 0.12 else "")


def failing(rand, path):
    command, bad = rand.choice(COMMANDS), rand.randint(1, 4)
    text = f"{command}: " + rand.choice([f"{rand.randint(0, 9)} passed, {bad} failed, exit 1", f"{bad} failed, exit 1", f"{rand.randint(0, 9)} passed, {bad} failed"])
    kind = rand.random()
    if kind < 0.2:
        return text
    if kind < 0.45:
        return text + "\n" + rand.choice(["AssertionError", f"FAIL {path}", "Error: expected 3 but got 4", "E       assert 3 == 4", "--- FAIL: TestAbs (0.00s)"]) + ("\n" + junk(rand, rand.randint(1, 30)) if rand.random() < 0.5 else "")
    text += "\n✖ failing tests:\n"
    for _ in range(min(bad, 2)):
        got, wanted = rand.randint(-9, 2000), rand.randint(-9, 2000)
        name = junk(rand, rand.randint(1, 5)).replace("\n", " ")
        text += f"\ntest at {path}:{rand.randint(3, 40)}:1\n✖ {name} ({rand.randint(0, 9)}.{rand.randint(100000, 999999)}ms)\n  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n  {got} !== {wanted}\n\n"
        if rand.random() < 0.8:
            text += f"      at TestContext.<anonymous> (file:///home/dev/{path}:{rand.randint(3, 40)}:{rand.randint(3, 20)})\n"
        if rand.random() < 0.7:
            text += "      at Test.runInAsyncScope (node:async_hooks:227:14)\n      at Test.run (node:internal/test_runner/test:1402:25)\n      at async Test.processPendingSubtests (node:internal/test_runner/test:974:7) {\n"
        if rand.random() < 0.8:
            text += f"    generatedMessage: true,\n    code: 'ERR_ASSERTION',\n    actual: {got},\n    expected: {wanted},\n    operator: 'strictEqual',\n    diff: 'simple'\n  }}\n"
    return text.rstrip("\n")


def talk(rand):
    """What is no task, and an answer to it."""
    if rand.random() < 0.5:
        question, answer = rand.choice(CHAT)
    else:
        question, answer = re.sub(r"\{w\}", lambda _: word(rand, WORDS), rand.choice(ASKED)), ONLY
    return [("user", question), ("says", "That is no task.", answer)]


def turns(rand):
    """[(who, ...)]: ("user", text), ("tool", text), ("says", thought, text) or ("calls", thought, name, arguments)."""
    if rand.random() < 0.07:
        return talk(rand)
    own = rand.random() < 0.22
    path, name, lines, edits = cart(rand) if own else small(rand)
    task = rand.choice(CART_TASKS if own else TASKS)
    if rand.random() < 0.4:
        task = rand.choice(BEFORE) + task + rand.choice(AFTER)
    task = task.format(p=path, f=name)
    if rand.random() < 0.15:
        task += "\n" + junk(rand, rand.randint(1, 20))
    out = [("user", task), ("calls", f"I read {path} first.", "read", {"path": path})]
    end = rand.random()
    if end < 0.05:
        return [*out, ("tool", rand.choice(MISSING).format(p=path)), ("says", "I cannot read it.", f"I could not read {path}.")]
    out.append(("tool", numbered(rand, lines)))
    for at, (wrong, right) in enumerate(edits):
        out.append(("calls", f"The line is wrong: {wrong}", "edit", {"path": path, "old": wrong, "new": right}))
        if end < 0.11 and at == len(edits) - 1:
            return [*out, ("tool", rand.choice(REFUSED).format(p=path)), ("says", "The change was refused.", "I stopped: the change was refused.")]
        if end < 0.14 and at == len(edits) - 1:
            return [*out, ("tool", rand.choice(UNFIT).format(p=path)), ("says", "The change does not fit.", "I stopped: the change does not fit.")]
        line = next(number + 1 for number, text in enumerate(lines) if wrong in text)
        out.append(("tool", edited(rand, path, line)))
    out.append(("calls", "Now I run the tests.", "test", {}))
    if end < 0.36:
        return [*out, ("tool", failing(rand, rand.choice(["test/" + path.rsplit("/", 1)[1].replace(".", ".test."), path]))), ("says", "The tests still fail.", "The tests still fail after my change.")]
    out += [("tool", passing(rand)), ("says", "The tests pass.", f"Done: I fixed {path} and the tests pass.")]
    return out if rand.random() < 0.8 else [*out, *talk(rand)]


OPEN = "<|im_start|>assistant\n"
NO_THOUGHT = "<think>\n\n</think>\n\n"


def body(turn):
    if turn[0] == "says":
        return turn[2] + "<|im_end|>\n"
    return f'<tool_call>\n{{"name": "{turn[2]}", "arguments": {dumps(turn[3])}}}\n</tool_call><|im_end|>\n'


def conversation(rand):
    """[(text, learned?)] up to a turn drawn by chance. Earlier turns stand there as Aura sends them back: mostly without their thoughts."""
    story = turns(rand)
    own = [at for at, turn in enumerate(story) if turn[0] in ("says", "calls")]
    last = rand.choice(own)
    thinks, keeps = rand.random() > 0.2, rand.random() < 0.25
    out = [(head(rand), False)]
    for at, turn in enumerate(story[: last + 1]):
        if turn[0] == "user":
            out.append((f"<|im_start|>user\n{turn[1]}<|im_end|>\n", False))
        elif turn[0] == "tool":
            out.append((f"<|im_start|>user\n<tool_response>\n{turn[1]}\n</tool_response><|im_end|>\n", False))
        elif thinks and (at == last or keeps):
            out += [(OPEN, False), (f"<think>\n{turn[1]}\n</think>\n\n" + body(turn), True)]
        elif at == last:
            out += [(OPEN + NO_THOUGHT, False), (body(turn), True)]
        else:  # that it begins with a call is not to be learned here: it began with a thought
            out += [(OPEN + "<tool_call>", False), (body(turn).removeprefix("<tool_call>"), True)]
    return out
