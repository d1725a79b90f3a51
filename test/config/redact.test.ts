// Secrets go, code stays: the property is checked on this project's own sources and on generated text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact, redactFields } from "../../src/core/redact.ts";

/** Built at run time, so that no scanner takes this file for a leak. */
const letters = (count: number): string => "aB3dE5gH7jK9mN1pQ2sT4vW6xY8z".repeat(12).slice(0, count);
const capitals = (count: number): string => "Q3RT5YK2LMNB7XCVZA4WSEDFGHJU".repeat(2).slice(0, count);

describe("redact", () => {
  it("takes out what is a secret by its shape", () => {
    const secrets = [
      `AKIA${capitals(16)}`,
      `ghp_${letters(36)}`,
      `github_pat_${letters(60)}`,
      `glpat-${letters(20)}`,
      `xoxb-${letters(30)}`,
      `sk-${letters(40)}`,
      `sk-proj-${letters(60)}`,
      `sk_live_${letters(24)}`,
      `npm_${letters(36)}`,
      `hf_${letters(34)}`,
      `AIza${letters(35)}`,
      `eyJ${letters(20)}.eyJ${letters(30)}.${letters(43)}`,
    ];
    for (const secret of secrets) {
      expect(redact(`const a = "${secret}"; // b`)).toBe('const a = "[redacted]"; // b');
      expect(redact(secret)).toBe("[redacted]");
    }
  });
  it("takes out private keys, cut ones too", () => {
    const dashes = "-----";
    const head = `${dashes}BEGIN RSA PRIVATE KEY${dashes}`;
    expect(redact(`a\n${head}\n${letters(64)}\n${letters(64)}\n${dashes}END RSA PRIVATE KEY${dashes}\nb`)).toBe("a\n[redacted]\nb");
    expect(redact(`a\n${head}\n${letters(64)}`)).toBe("a\n[redacted]");
    for (const code of [`if (text.startsWith("${head}")) return`, `["${head}", "${head.replace("BEGIN", "END")}"]`]) expect(redact(code)).toBe(code);
    expect(redact(`${dashes}BEGIN PUBLIC KEY${dashes}\nabc`)).toContain("abc");
  });
  it("takes passwords out of addresses and headers", () => {
    expect(redact("postgres://app:hunter2@db:5432/x")).toBe("postgres://app:[redacted]@db:5432/x");
    expect(redact("git clone https://me:t0ken@example.org/a.git")).toBe("git clone https://me:[redacted]@example.org/a.git");
    expect(redact(`Authorization: Bearer ${letters(24)}`)).toBe("Authorization: Bearer [redacted]");
    expect(redact(`curl -H "Authorization: Basic ${letters(12)}"`)).toBe('curl -H "Authorization: Basic [redacted]"');
    expect(redact(`X-Api-Key: ${letters(20)}`)).toBe("X-Api-Key: [redacted]");
    for (const kept of ["http://localhost:8080/@x", ["postgres://app:$", "{PASSWORD}@db"].join(""), "https://user@host/", "mailto:a@b.c", "a://b:c d@e"])
      expect(redact(kept)).toBe(kept);
  });
  it("takes values out of .env lines and the env command's output", () => {
    const text =
      "PORT=8080\nDB_PASSWORD=hunter2\r\nexport GITHUB_TOKEN='abc def'\nSTRIPE_KEY=abcd # live\nAWS_SECRET_ACCESS_KEY=x/y+z=1\nPWD=/home/me\nNAME=token\nTOKEN_LIMIT=4000\n";
    expect(redact(text)).toBe(
      "PORT=8080\nDB_PASSWORD=[redacted]\r\nexport GITHUB_TOKEN='[redacted]'\nSTRIPE_KEY=[redacted] # live\nAWS_SECRET_ACCESS_KEY=[redacted]\nPWD=/home/me\nNAME=token\nTOKEN_LIMIT=4000\n",
    );
  });
  it("takes random-looking values of telling keys, in JSON and code", () => {
    expect(redact(`{"apiKey": "${letters(24)}", "name": "x"}`)).toBe('{"apiKey": "[redacted]", "name": "x"}');
    expect(redact(`client_secret: '${letters(24)}'`)).toBe("client_secret: '[redacted]'");
    expect(redact('password = "Tr0ub4dor&3"')).toBe('password = "[redacted]"');
  });
  it("takes random values out of credentials files and YAML", () => {
    expect(redact(`[default]\naws_secret_access_key = ${letters(40)}\nregion = eu-central-1`)).toBe("[default]\naws_secret_access_key = [redacted]\nregion = eu-central-1");
    expect(redact(`//host.lan/:_authToken=${letters(30)}`)).toBe("//host.lan/:_authToken=[redacted]");
    expect(redact(`env:\n  - api_token: ${letters(32)}\r\n`)).toBe("env:\n  - api_token: [redacted]\r\n");
    for (const code of ["token = sha256HashOfTheThing", "password: decodePassword2FromConfig", "  access_key = self.keys[0].value1"]) expect(redact(code)).toBe(code);
  });
  it("leaves code that only speaks of secrets", () => {
    const code = [
      'const token = tokens[at + 1] ?? "end-of-file";',
      "const API_KEY = process.env.API_KEY",
      'API_TOKEN = os.environ["API_TOKEN"]',
      "SECRET_KEY = get_random_secret_key()",
      'parser.addOption("--password", "the password to use")',
      "if (token.kind === 'option-terminator') return",
      '"passwordField": "password-input-2"',
      'key: "src/app/main.ts"',
      '"integrity": "sha512-abc"',
      "MAX_TOKENS=4096",
      "ENABLE_TOKEN=true",
      "const KEY = 'ArrowUp1'",
      'token: "your-token-goes-here-1"',
      "https://example.org/a:b@c",
      "sk-learn sk-this-is-a-long-css-class-name",
      "PUBLIC_KEY=abcdefgh",
    ].join("\n");
    expect(redact(code)).toBe(code);
  });
  it("doesn't touch a line of this project's own sources", () => {
    const src = join(import.meta.dirname, "..", "..", "src");
    for (const entry of ["core", "config"].flatMap((room) => readdirSync(join(src, room), { withFileTypes: true }))) {
      if (!entry.isFile()) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
      expect(redact(text) === text ? "" : entry.name).toBe("");
    }
  });
  it("changes nothing the second time, never throws, and stays fast on hostile text", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom("://", "a:b@", "-----BEGIN PRIVATE KEY-----", "TOKEN=", "password: '", `sk-${letters(24)}`, "\n", "Bearer ", "export "));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = redact(pieces.join(""));
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
    for (const unit of ["a", "-----BEGIN PRIVATE KEY-----", "token='", "TOKEN=", "x://", "x://y:", "-", "eyJ", "api-key", " ", 'A="', "bearer "])
      redact(unit.repeat(200_000 / unit.length));
  }, 20_000);
});

it("redacts fields by name and by content, bounded", () => {
  const loop: Record<string, unknown> = { a: 1 };
  loop.self = loop;
  expect(redactFields({ apiKey: "abc", url: "http://a:b@c/", tokens: 12, key: "x", list: [{ password: "p" }] })).toEqual({
    apiKey: "[redacted]",
    url: "http://a:[redacted]@c/",
    tokens: 12,
    key: "[redacted]",
    list: [{ password: "[redacted]" }],
  });
  expect(JSON.stringify(redactFields(loop)).length).toBeLessThan(200);
});
