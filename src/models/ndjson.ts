// Lines out of bytes: UTF-8 split anywhere, LF or CRLF, a last line without its end, and a limit on how long a line may get.

/** More than this in one line is no answer of a model. */
const longestLine = 32_000_000;

/** Every line without its terminator, in order; empty ones too. Throws what `body` throws, and Error on a line over the limit. */
export async function* readLines(body: AsyncIterable<Uint8Array>, limit: number = longestLine): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  const take = (last: string): string => {
    const line = parts.length === 0 ? last : parts.join("") + last;
    parts = [];
    length = 0;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  };
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      yield take(text.slice(from, at));
      from = at + 1;
    }
    if (from === text.length) continue;
    parts.push(text.slice(from));
    length += text.length - from;
    if (length > limit) throw new Error(`a line of more than ${limit} characters`);
  }
  const rest = take(decoder.decode());
  if (rest !== "") yield rest;
}
