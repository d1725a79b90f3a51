// Server-sent events out of lines: comments and pings dropped, the data lines of one event joined.

export interface ServerEvent {
  /** The `event:` field, or `message`. */
  name: string;
  data: string;
}

/** Events in order. A last event without its blank line still counts. `error: {...}`, which some servers write, becomes an event named `error`. */
export async function* readEvents(lines: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let name = "message";
  let data: string[] = [];
  for await (const line of lines) {
    if (line === "") {
      if (data.length > 0) yield { name, data: data.join("\n") };
      name = "message";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const field = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") name = value;
    if (field === "data") data.push(value);
    if (field === "error") {
      name = "error";
      data.push(value);
    }
  }
  if (data.length > 0) yield { name, data: data.join("\n") };
}
