#!/usr/bin/env python3
"""train.py [--steps 2400] [--out FILE]: a 0.8 M parameter transformer, from scratch, on the conversations of transcripts.py.

A test model: it drives Aura's loop by its own sampling through a real llama.cpp and knows nothing else. Needs Debian's python3-torch and
python3-numpy and libopenblas0-pthread (without the last a step takes ten times as long), and node for the tools' schemas. About half an hour with
OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1; more threads make it slower. Then evaluate.ts says what the model is worth.

Gemma 3's form with three layers: llama.cpp gives the first five of each six of its layers a sliding window, so that here every layer sees only
the last WINDOW tokens. Whatever stands earlier in the prompt, of any length, can't change what it does.
"""
import argparse
import math
import os
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from tiny import F32, STR, U32, Tokenizer, key, tokenizer_keys, train_merges, write_gguf
from transcripts import WORDS, conversation

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=2400)
parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../test/engine/tool-loop.gguf"))
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=10)
given = parser.parse_args()

torch.set_num_threads(given.threads)
torch.manual_seed(given.seed)
rand = random.Random(given.seed)
WIDTH, LAYERS, HEADS, KV_HEADS, HEAD, INNER, WINDOW, LENGTH = 128, 3, 4, 2, 32, 384, 256, 320

tokenizer = Tokenizer(train_merges(["".join(text for text, _ in conversation(rand)) for _ in range(500)] + [" ".join(WORDS) * 3], 1200))
VOCABULARY = len(tokenizer.tokens)


def example():
    """LENGTH + 1 token ids that end with the last answer, and which of them are to be learned."""
    ids, learned = [], []
    for text, learn in conversation(rand):
        tokens = tokenizer.encode(text)
        ids += tokens
        learned += [learn] * len(tokens)
    ids, learned = ids[-LENGTH - 1 :], learned[-LENGTH - 1 :]
    missing = LENGTH + 1 - len(ids)
    return ids + [0] * missing, learned + [False] * missing


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.w = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.w


angles = torch.arange(LENGTH).float()[:, None] * 10000.0 ** (-torch.arange(0, HEAD, 2).float() / HEAD)[None]
COS, SIN = angles.cos(), angles.sin()
place = torch.arange(LENGTH)
MASK = torch.zeros(LENGTH, LENGTH).masked_fill(~((place[None] <= place[:, None]) & (place[:, None] - place[None] < WINDOW)), -1e9)


def rotate(x):
    one, two = x[..., : HEAD // 2], x[..., HEAD // 2 :]
    return torch.cat([one * COS - two * SIN, two * COS + one * SIN], -1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()

        def linear(out, size):
            return nn.Linear(size, out, bias=False)

        self.attn_norm, self.post_attention_norm, self.ffn_norm, self.post_ffw_norm = Norm(WIDTH), Norm(WIDTH), Norm(WIDTH), Norm(WIDTH)
        self.attn_q_norm, self.attn_k_norm = Norm(HEAD), Norm(HEAD)
        self.attn_q, self.attn_k, self.attn_v = linear(HEADS * HEAD, WIDTH), linear(KV_HEADS * HEAD, WIDTH), linear(KV_HEADS * HEAD, WIDTH)
        self.attn_output = linear(WIDTH, HEADS * HEAD)
        self.ffn_gate, self.ffn_up, self.ffn_down = linear(INNER, WIDTH), linear(INNER, WIDTH), linear(WIDTH, INNER)
        nn.init.constant_(self.post_attention_norm.w, 0.3)
        nn.init.constant_(self.post_ffw_norm.w, 0.3)

    def forward(self, x):
        size = x.shape[0]
        h = self.attn_norm(x)
        q = rotate(self.attn_q_norm(self.attn_q(h).view(size, LENGTH, HEADS, HEAD)).transpose(1, 2))
        k = rotate(self.attn_k_norm(self.attn_k(h).view(size, LENGTH, KV_HEADS, HEAD)).transpose(1, 2))
        v = self.attn_v(h).view(size, LENGTH, KV_HEADS, HEAD).transpose(1, 2)
        k, v = (t.repeat_interleave(HEADS // KV_HEADS, 1).reshape(size * HEADS, LENGTH, HEAD) for t in (k, v))
        scores = torch.baddbmm(MASK.expand(size * HEADS, LENGTH, LENGTH), (q / math.sqrt(HEAD)).reshape(size * HEADS, LENGTH, HEAD), k.transpose(1, 2))
        seen = (torch.softmax(scores, -1) @ v).view(size, HEADS, LENGTH, HEAD).transpose(1, 2).reshape(size, LENGTH, HEADS * HEAD)
        x = x + self.post_attention_norm(self.attn_output(seen))
        h = self.ffn_norm(x)
        return x + self.post_ffw_norm(self.ffn_down(F.gelu(self.ffn_gate(h), approximate="tanh") * self.ffn_up(h)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        nn.init.normal_(self.embedding.weight, std=0.04)
        self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
        self.norm = Norm(WIDTH)

    def forward(self, x):
        h = self.embedding(x) * math.sqrt(WIDTH)
        for block in self.blocks:
            h = block(h)
        return self.norm(h)


def export(net, path):
    tensors = [("token_embd.weight", net.embedding.weight)]
    for at, block in enumerate(net.blocks):
        for name, part in block.named_children():
            tensors.append((f"blk.{at}.{name}.weight", part.w if isinstance(part, Norm) else part.weight))
    tensors.append(("output_norm.weight", net.norm.w))
    form = "gemma3"
    header = [
        key("general.architecture", STR, form),
        key("general.name", STR, "aura-tool-loop-test"),
        key("general.license", STR, "apache-2.0"),
        key("general.file_type", U32, 1),
        key("general.sampling.temp", F32, 0.4),
        key(f"{form}.context_length", U32, 131072),
        key(f"{form}.embedding_length", U32, WIDTH),
        key(f"{form}.block_count", U32, LAYERS),
        key(f"{form}.feed_forward_length", U32, INNER),
        key(f"{form}.attention.head_count", U32, HEADS),
        key(f"{form}.attention.head_count_kv", U32, KV_HEADS),
        key(f"{form}.attention.key_length", U32, HEAD),
        key(f"{form}.attention.value_length", U32, HEAD),
        key(f"{form}.attention.layer_norm_rms_epsilon", F32, 1e-6),
        key(f"{form}.attention.sliding_window", U32, WINDOW),
        key(f"{form}.rope.freq_base", F32, 10000.0),
        key(f"{form}.rope.dimension_count", U32, HEAD),
        key(f"{form}.vocab_size", U32, VOCABULARY),
    ]
    write_gguf(path, header + tokenizer_keys(tokenizer), [(name, tensor.detach().numpy()) for name, tensor in tensors])
    print("wrote", path, os.path.getsize(path), "bytes", flush=True)


net = Net()
print("vocabulary", VOCABULARY, "parameters", sum(part.numel() for part in net.parameters()), flush=True)
optimiser = torch.optim.AdamW(net.parameters(), lr=4e-3, betas=(0.9, 0.98), weight_decay=0.01)
started = time.time()
for step in range(given.steps):
    for group in optimiser.param_groups:
        group["lr"] = 4e-3 * min(1, (step + 1) / 30) * max(0.02, 0.5 * (1 + math.cos(math.pi * step / given.steps)))
    batch = [example() for _ in range(given.batch)]
    x = torch.tensor([ids for ids, _ in batch])
    answers = torch.tensor([learned for _, learned in batch])[:, 1:].reshape(-1)
    h = net(x[:, :-1]).reshape(-1, WIDTH)
    y = x[:, 1:].reshape(-1)
    rest = ~answers & (y != 0) & (torch.rand(len(y)) < 0.2)  # a little of everything else: the copying heads form sooner
    loss = F.cross_entropy(h[answers] @ net.embedding.weight.T, y[answers])
    beside = F.cross_entropy(h[rest] @ net.embedding.weight.T, y[rest])
    optimiser.zero_grad()
    (loss + 0.1 * beside).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    if step % 20 == 19 or step < 3:
        print(f"step {step + 1} {time.time() - started:.0f}s loss {loss.item():.4f} beside {beside.item():.3f}", flush=True)
    if step % 400 == 399:
        export(net, given.out)
export(net, given.out)
