"""A byte-level tokenizer trained on the spot, the chat template, and a writer of GGUF files. Needs only numpy.

The vocabulary is 256 bytes, the merges and nine special tokens; splitting is qwen2's, which llama.cpp knows by name.
The template is ChatML with tools and thoughts as Hermes and Qwen 3 write them.
"""
import re
import struct

import numpy as np

CHAT_TEMPLATE = r"""{%- if tools %}
{{- '<|im_start|>system\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\n\n' }}{%- endif %}
{{- 'You can call these tools:\n<tools>' }}
{%- for tool in tools %}{{- '\n' }}{{- tool | tojson }}{%- endfor %}
{{- '\n</tools>\nTo call a tool write:\n<tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call><|im_end|>\n' }}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\n' }}
{%- if message.reasoning_content %}{{- '<think>\n' + message.reasoning_content.strip('\n') + '\n</think>\n\n' }}{%- endif %}
{%- if message.content %}{{- message.content }}{%- endif %}
{%- if message.tool_calls %}
{%- for tool_call in message.tool_calls %}
{%- if (loop.first and message.content) or (not loop.first) %}{{- '\n' }}{%- endif %}
{%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}
{{- '<tool_call>\n{"name": "' }}{{- tool_call.name }}{{- '", "arguments": ' }}
{%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}
{{- '}\n</tool_call>' }}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\n' }}
{%- elif message.role == 'tool' %}
{%- if loop.first or (messages[loop.index0 - 1].role != 'tool') %}{{- '<|im_start|>user' }}{%- endif %}
{{- '\n<tool_response>\n' }}{{- message.content }}{{- '\n</tool_response>' }}
{%- if loop.last or (messages[loop.index0 + 1].role != 'tool') %}{{- '<|im_end|>\n' }}{%- endif %}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}
{%- endif %}"""

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
CONTROL = set(SPECIAL[:3])


def _byte_letters():
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, spare = {}, 0
    for byte in range(256):
        if byte in printable:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(256 + spare)
            spare += 1
    return letters


LETTERS = _byte_letters()
# qwen2's splitter, for ASCII text
SPLIT = re.compile(r"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\nA-Za-z0-9]?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


class Tokenizer:
    def __init__(self, merges):
        self.merges = merges
        self.tokens = [*LETTERS.values(), *(a + b for a, b in merges)]
        self.plain = len(self.tokens)
        self.tokens += SPECIAL
        self.id = {token: at for at, token in enumerate(self.tokens)}
        self.rank = {merge: at for at, merge in enumerate(merges)}
        self.known = {}
        self.specials = re.compile("(" + "|".join(map(re.escape, SPECIAL)) + ")")

    def _word(self, word):
        if word in self.known:
            return self.known[word]
        parts = [LETTERS[byte] for byte in word.encode()]
        while len(parts) > 1:
            rank, at = min((self.rank.get((parts[at], parts[at + 1]), 1 << 30), at) for at in range(len(parts) - 1))
            if rank == 1 << 30:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        self.known[word] = [self.id[part] for part in parts]
        return self.known[word]

    def encode(self, text):
        out = []
        for part in self.specials.split(text):
            if part in SPECIAL:
                out.append(self.id[part])
            else:
                for word in SPLIT.findall(part):
                    out += self._word(word)
        return out


def train_merges(texts, count):
    """Byte pair merges, the most frequent first."""
    counts = {}
    specials = re.compile("|".join(map(re.escape, SPECIAL)))
    for text in texts:
        for part in specials.split(text):
            for word in SPLIT.findall(part):
                counts[word] = counts.get(word, 0) + 1
    words = [([LETTERS[byte] for byte in word.encode()], times) for word, times in counts.items()]
    merges = []
    for _ in range(count):
        pairs = {}
        for parts, times in words:
            for pair in zip(parts, parts[1:]):
                pairs[pair] = pairs.get(pair, 0) + times
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for parts, _ in words:
            at = 0
            while at < len(parts) - 1:
                if parts[at] == best[0] and parts[at + 1] == best[1]:
                    parts[at : at + 2] = [parts[at] + parts[at + 1]]
                at += 1
    return merges


# GGUF: a header of typed keys, the list of tensors, then their numbers, all little endian.
U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9
PACK = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}


def _string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(kind, value):
    return _string(value) if kind == STR else struct.pack(PACK[kind], value)


def key(name, kind, value):
    return _string(name) + struct.pack("<I", kind) + _value(kind, value)


def keys(name, kind, values):
    return _string(name) + struct.pack("<IIQ", ARR, kind, len(values)) + b"".join(_value(kind, value) for value in values)


def tokenizer_keys(tokenizer):
    kinds = [1] * tokenizer.plain + [3 if token in CONTROL else 4 for token in SPECIAL]
    return [
        key("tokenizer.ggml.model", STR, "gpt2"),
        key("tokenizer.ggml.pre", STR, "qwen2"),
        keys("tokenizer.ggml.tokens", STR, tokenizer.tokens),
        keys("tokenizer.ggml.token_type", I32, kinds),
        keys("tokenizer.ggml.merges", STR, [f"{a} {b}" for a, b in tokenizer.merges]),
        key("tokenizer.ggml.bos_token_id", U32, tokenizer.id["<|endoftext|>"]),
        key("tokenizer.ggml.eos_token_id", U32, tokenizer.id["<|im_end|>"]),
        key("tokenizer.ggml.padding_token_id", U32, tokenizer.id["<|endoftext|>"]),
        key("tokenizer.ggml.add_bos_token", BOOL, False),
        key("tokenizer.chat_template", STR, CHAT_TEMPLATE),
    ]


def write_gguf(path, header, tensors):
    """tensors: (name, array in numpy's order); matrices become 16-bit floats, vectors stay 32-bit."""
    listing, numbers, offset = b"", [], 0
    for name, array in tensors:
        half = array.ndim == 2
        raw = np.ascontiguousarray(array, np.float16 if half else np.float32).tobytes()
        listing += _string(name) + struct.pack("<I", array.ndim) + b"".join(struct.pack("<Q", size) for size in reversed(array.shape))
        listing += struct.pack("<IQ", 1 if half else 0, offset)
        raw += b"\0" * (-len(raw) % 32)
        numbers.append(raw)
        offset += len(raw)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(header)) + b"".join(header) + listing
    head += b"\0" * (-len(head) % 32)
    with open(path, "wb") as file:
        file.write(head)
        for raw in numbers:
            file.write(raw)
