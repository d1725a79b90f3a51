// A GGUF file of a real model's size and form with random weights: what reading and writing costs depends on these alone. What it says is nonsense.
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";

/** As Qwen 2.5 has it with 0.5 billion parameters, but for the vocabulary, which is bytes. */
const form = { layers: 24, width: 896, inner: 4864, heads: 14, kvHeads: 2 };
export const randomModelName = "random weights, 24 layers of 896, Q8_0";

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);
const whole = (name: string, value: number): Buffer => Buffer.concat([text(name), word(4), word(value)]);
const said = (name: string, value: string): Buffer => Buffer.concat([text(name), word(8), text(value)]);
const list = (name: string, kind: number, values: Buffer[]): Buffer => Buffer.concat([text(name), word(9), word(kind), long(values.length), ...values]);
function fraction(name: string, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([text(name), word(6), bytes]);
}

/** GPT-2's printable letters for bytes. */
function letters(): string[] {
  let spare = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint((byte > 32 && byte < 127) || (byte > 160 && byte !== 173) ? byte : spare++));
}
const specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const template =
  "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

interface Tensor {
  name: string;
  /** As GGUF counts: the row's length first. */
  shape: number[];
}
function tensors(vocabulary: number): Tensor[] {
  const { layers, width, inner, heads, kvHeads } = form;
  const kv = (width / heads) * kvHeads;
  const block = (at: number): Tensor[] =>
    [
      { name: "attn_norm", shape: [width] },
      { name: "attn_q", shape: [width, width] },
      { name: "attn_k", shape: [width, kv] },
      { name: "attn_v", shape: [width, kv] },
      { name: "attn_output", shape: [width, width] },
      { name: "ffn_norm", shape: [width] },
      { name: "ffn_gate", shape: [width, inner] },
      { name: "ffn_up", shape: [width, inner] },
      { name: "ffn_down", shape: [inner, width] },
    ].map(({ name, shape }) => ({ name: `blk.${at}.${name}.weight`, shape }));
  return [
    { name: "token_embd.weight", shape: [width, vocabulary] },
    ...Array.from({ length: layers }, (_, at) => block(at)).flat(),
    { name: "output_norm.weight", shape: [width] },
  ];
}

/** Bytes of a tensor: vectors as 32-bit floats, matrices in blocks of 32 values with one scale (Q8_0). */
const bytesOf = ({ shape }: Tensor): number => (shape.length === 1 ? (shape[0] ?? 0) * 4 : (shape.reduce((product, size) => product * size, 1) / 32) * 34);
const padded = (bytes: number): number => Math.ceil(bytes / 32) * 32;

/** Writes about 380 MB; the same numbers stand in every matrix. */
export function writeRandomModel(path: string): void {
  const { layers, width, inner, heads, kvHeads } = form;
  const tokens = [...letters(), "Ġt", ...specials];
  const keys = [
    said("general.architecture", "llama"),
    said("general.name", randomModelName),
    whole("general.file_type", 7),
    whole("llama.context_length", 32_768),
    whole("llama.embedding_length", width),
    whole("llama.block_count", layers),
    whole("llama.feed_forward_length", inner),
    whole("llama.attention.head_count", heads),
    whole("llama.attention.head_count_kv", kvHeads),
    whole("llama.rope.dimension_count", width / heads),
    fraction("llama.rope.freq_base", 1_000_000),
    fraction("llama.attention.layer_norm_rms_epsilon", 1e-6),
    whole("llama.vocab_size", tokens.length),
    said("tokenizer.ggml.model", "gpt2"),
    said("tokenizer.ggml.pre", "qwen2"),
    list("tokenizer.ggml.tokens", 8, tokens.map(text)),
    list(
      "tokenizer.ggml.token_type",
      5,
      tokens.map((_, at) => word(at < tokens.length - specials.length ? 1 : 3)),
    ),
    list("tokenizer.ggml.merges", 8, [text("Ġ t")]),
    whole("tokenizer.ggml.eos_token_id", tokens.length - 1),
    said("tokenizer.chat_template", template),
  ];
  const all = tensors(tokens.length);
  let offset = 0;
  const listing = all.map((tensor) => {
    const line = Buffer.concat([text(tensor.name), word(tensor.shape.length), ...tensor.shape.map(long), word(tensor.shape.length === 1 ? 0 : 8), long(offset)]);
    offset += padded(bytesOf(tensor));
    return line;
  });
  const head = Buffer.concat([Buffer.from("GGUF"), word(3), long(all.length), long(keys.length), ...keys, ...listing]);
  const file = openSync(path, "w", 0o600);
  try {
    writeSync(file, Buffer.concat([head, Buffer.alloc(padded(head.length) - head.length)]));
    const numbers = randomFillSync(Buffer.alloc(Math.max(...all.map(bytesOf))));
    for (let at = 0; at + 2 <= numbers.length; at += 34) numbers.writeUInt16LE(0x0d00, at); // a scale of 0.0003, as a 16-bit float
    const ones = Buffer.alloc(width * 4);
    for (let at = 0; at < width; at++) ones.writeFloatLE(1, at * 4);
    for (const tensor of all) {
      const bytes = bytesOf(tensor);
      writeSync(file, tensor.shape.length === 1 ? ones : numbers.subarray(0, bytes));
      writeSync(file, Buffer.alloc(padded(bytes) - bytes));
    }
  } finally {
    closeSync(file);
  }
}
