// One small file in every language, and what bad edits of it look like: text, what takes its place, and what has to be told.

export interface Sample {
  path: string;
  text: string;
  breaks: [old: string, put: string, told: RegExp][];
}

export const samples: Sample[] = [
  {
    path: "cart.py",
    text: `"""A cart."""
import json
from dataclasses import dataclass, field


@dataclass
class Cart:
    lines: list[tuple[str, int]] = field(default_factory=list)

    def add(self, name: str, count: int = 1) -> None:
        if count < 1:
            raise ValueError(f"count must be {1} or more: {count!r}")
        else:
            self.lines.append((name, count))

    async def save(self, path):
        with open(path, "w") as file:
            json.dump({"lines": [line for line in self.lines if line[1]]}, file)
`,
    breaks: [
      ["self.lines.append((name, count))", "self.lines.append((name, count)", /^14: '\(' is never closed/],
      ["        else:\n", "       else:\n", /^13: unexpected 'else' \| else:/],
      ["            raise", "          pass\n            raise", /^13: indented by 12 where its block has 10 \| raise/],
      ["            raise ValueError", "        raise ValueError", /^12: syntax error \| raise ValueError/],
      ["def add(self, name", "def add(self name", /^10: unexpected/],
      ['path, "w")', 'path, "w)', /^17: /],
      ["    async def save(self, path):\n", "    async def save(self, path)\n", /^16: unexpected 'async' \| async def save\(self, path\)$/],
    ],
  },
  {
    path: "src/cart.js",
    text: `import { readFile } from "node:fs/promises";
const total = (lines) => lines.reduce((sum, { price, count = 1 }) => sum + price * count, 0);
export class Cart {
  #lines = [];
  async load(path) {
    try {
      for await (const line of (await readFile(path, "utf8")).split(/\\n+/)) this.#lines.push(JSON.parse(line));
    } catch (error) {
      throw new Error(\`\${path} \${error?.message ?? "?"}\`);
    }
  }
  get total() {
    return total(this.#lines);
  }
}
`,
    breaks: [
      ["    } catch", "    catch", /^6: '\{' is never closed \| try \{/],
      ["return total(this.#lines);", "return total(this.#lines;", /^13: '\(' is never closed/],
      ["  get total() {\n", "  get total( {\n", /^12: '\(' is never closed/],
      ["const total = (lines) =>", "const total = (lines) => =>", /^2: unexpected/],
      ["\n}\n", "\n", /^3: '\{' is never closed/],
    ],
  },
  {
    path: "src/cart.ts",
    text: `export interface Line<T extends string = string> {
  readonly name: T;
  count?: number;
}
export type Lines = readonly Line[];
export enum Kind {
  One = "one",
}
export function total(lines: Lines, of: (line: Line) => number = (line) => line.count ?? 0): number {
  return (lines as Line[]).reduce((sum, line) => sum + of(line), 0) satisfies number;
}
export abstract class Cart {
  constructor(private readonly lines: Lines) {}
  abstract load(): Promise<void>;
}
`,
    breaks: [
      ["  count?: number;\n}", "  count?: number;\n", /'\{' is never closed/],
      ["lines: Lines, of:", "lines: Lines of:", /^9: unexpected/],
      ["reduce((sum, line)", "reduce(sum, line)", /^10: /],
      ["  abstract load(): Promise<void>;", "  ...\n  abstract load(): Promise<void>;", /^14: /],
    ],
  },
  {
    path: "src/cart.tsx",
    text: `import { useState } from "react";
export function Cart<T>({ lines }: { lines: T[] }) {
  const [open, setOpen] = useState<boolean>(false);
  return (
    <section className="cart">
      {open && lines.map((line) => <li key={String(line)}>{String(line)}</li>)}
      <button onClick={() => setOpen(!open)}>open</button>
    </section>
  );
}
`,
    breaks: [
      ["</button>", "", /^[5-9]: /],
      ["{String(line)}</li>", "{String(line)</li>", /^6: /],
      ["useState<boolean>(false);", "useState<boolean>(false;", /^3: '\(' is never closed/],
    ],
  },
  {
    path: "cart.go",
    text: `package cart

import "fmt"

// Line is one line.
type Line[T any] struct {
	Name  string \`json:"name"\`
	Count T
}

func Total[T int | float64](lines []Line[T]) (sum T, err error) {
	for _, line := range lines {
		switch {
		case line.Name == "":
			return 0, fmt.Errorf("no name: %v", line)
		default:
			sum += line.Count
		}
	}
	return
}
`,
    breaks: [
      ["range lines {", "range lines", /^19: '\}' closes nothing/],
      ["line)\n", "line\n", /^15: '\(' is never closed/],
      ["type Line[T any] struct {", "type Line[T any] struct", /^\d+: /],
      ["\treturn\n}\n", "\treturn\n}\n}\n", /'\}' closes nothing/],
    ],
  },
  {
    path: "src/cart.rs",
    text: `use std::{collections::HashMap, fmt};

#[derive(Debug, Clone)]
pub struct Cart<'a> {
    lines: HashMap<&'a str, u32>,
}

impl<'a> Cart<'a> {
    pub fn total(&self) -> Result<u32, String> {
        let sum = self.lines.values().map(|count| *count).sum::<u32>();
        match sum {
            0 => Err(format!("{} lines", self.lines.len())),
            n if n > 1_000 => Err("many".into()),
            n => Ok(n),
        }
    }
}

impl fmt::Display for Cart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.lines)
    }
}
`,
    breaks: [
      ["len())),", "len()),", /^12: '\(' is never closed/],
      ["        }\n    }\n}\n\nimpl fmt", "        }\n}\n\nimpl fmt", /^9: '\{' is never closed/],
      ["n => Ok(n),", "n => => Ok(n),", /^14: unexpected/],
      ["let sum = self", "let sum = = self", /^10: /],
    ],
  },
  {
    path: "src/Cart.java",
    text: `package shop;

import java.util.*;

public record Cart(List<Line> lines) {
    public record Line(String name, int count) {}

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Line line : lines) text.append(switch (line.count()) { case 0 -> "-"; default -> line.name(); });
        return lines.stream().map(l -> l.name()).reduce("", (a, b) -> a + b) + text;
    }
}
`,
    breaks: [
      ["new StringBuilder();", "new StringBuilder(;", /^10: '\(' is never closed/],
      ["+ text;\n    }\n", "+ text;\n", /^13: missing '\}'/],
      ["var text = new", "var text new", /^10: /],
    ],
  },
  {
    path: "src/cart.cpp",
    text: `#include <map>
#include <string>

namespace shop {
template <typename T> class Cart {
public:
  explicit Cart(std::map<std::string, T> lines) : lines_(std::move(lines)) {}
  [[nodiscard]] T total() const {
    T sum{};
    for (const auto &[name, count] : lines_) sum += count;
    return sum;
  }

private:
  std::map<std::string, T> lines_;
};
} // namespace shop
`,
    breaks: [
      ["return sum;\n  }\n", "return sum;\n", /^8: '\{' is never closed/],
      ["sum += count;", "sum += (count;", /^10: '\(' is never closed/],
    ],
  },
  {
    path: "src/cart.c",
    text: `#include <stdio.h>
#define TOTAL(c) ((c)->total)
struct cart { int class; long total; };
static int print(const struct cart *cart, FILE *out) {
  if (!cart)
    return -1;
  fprintf(out, "%ld\\n", TOTAL(cart));
  return 0;
}
`,
    breaks: [["TOTAL(cart));", "TOTAL(cart);", /^7: '\(' is never closed/]],
  },
  {
    path: "Cart.cs",
    text: `using System.Collections.Generic;
using System.Linq;
namespace Shop;

public sealed record Line(string Name, int Count = 1);
public class Cart<T> where T : Line
{
    private readonly List<T> _lines = new();
    public int Total => _lines.Sum(line => line.Count);
    public string Text()
    {
        foreach (var line in _lines)
        {
            if (line is { Count: > 3 } big) return $"many {big.Name}";
        }
        return _lines.Count switch { 0 => "none", _ => "some" };
    }
}
`,
    breaks: [
      ["        }\n        return", "        return", /^13: '\{' is never closed/],
      ["_lines.Sum(line => line.Count);", "_lines.Sum(line => line.Count;", /^9: '\(' is never closed/],
      ["private readonly List<T> _lines", "private readonly readonly<T> = _lines", /^8: /],
    ],
  },
  {
    path: "lib/cart.rb",
    text: `# A cart.
class Cart
  attr_reader :lines

  def initialize(lines = [])
    @lines = lines
  end

  def total(of: :count)
    lines.select { |line| line[of] }.sum do |line|
      next 0 unless line[:name] =~ /\\w+/
      "#{line[of]}".to_i
    end
  end
end
`,
    breaks: [
      ["  def total(of: :count)\n", "  def total(of: :count\n", /^9: '\(' is never closed/],
      ["    @lines = lines\n  end\n", "    @lines = lines\n", /^\d+: /],
      ["{ |line| line[of] }", "{ |line| line[of] ", /^10: '\{' is never closed/],
    ],
  },
  {
    path: "src/Cart.php",
    text: `<?php
declare(strict_types=1);

namespace Shop;

final class Cart
{
    /** @param array<string, int> $lines */
    public function __construct(private readonly array $lines = []) {}

    public function total(?callable $of = null): int
    {
        $sum = 0;
        foreach ($this->lines as $name => $count) {
            $sum += match (true) { $of !== null => $of($name), default => $count };
        }
        return $sum;
    }
}
`,
    breaks: [
      ["        }\n        return", "        return", /^14: '\{' is never closed/],
      ["$sum = 0;", "$sum = (0;", /^13: '\(' is never closed/],
      ["foreach ($this->lines as $name", "foreach ($this->lines $name", /^14: /],
    ],
  },
  {
    path: "scripts/cart.sh",
    text: `#!/usr/bin/env bash
set -euo pipefail
total() {
  local sum=0
  while read -r name count; do
    if [[ -n "$name" && $count -gt 0 ]]; then
      sum=$((sum + count))
    fi
  done < "$1"
  case "$sum" in
    0) echo none ;;
    *) echo "$sum" ;;
  esac
}
total "\${1:-cart.txt}"
`,
    breaks: [
      ["    fi\n", "", /^\d+: /],
      ['< "$1"', '< "$1', /^\d+: /],
      ["  esac\n", "", /^\d+: /],
    ],
  },
  {
    path: "cart.css",
    text: `:root { --gap: 4px; }
@media (min-width: 40em) {
  .cart > li:not(.gone)::before {
    content: "\\201C";
    margin: calc(var(--gap) * 2) auto;
  }
}
`,
    breaks: [
      ["auto;\n  }\n", "auto;\n", /^[23]: '\{' is never closed/],
      ["* 2) auto", "* 2 auto", /^5: '\(' is never closed/],
    ],
  },
];
