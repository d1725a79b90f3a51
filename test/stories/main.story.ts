// The main job, told from the outside: tasks done, hunks refused, lines dropped, servers and daemons killed.
import { describe, expect } from "vitest";
import type { HunkId } from "../../src/core/events.ts";
import { badCall, call, cut, errorInside, hang, reset, status, story, thought } from "./story.ts";

const numbers = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`).join("\n");

describe("a task", () => {
  story("is read, edited and finished by itself under policy auto", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says([thought("look first"), "Looking.", call("read", { path: "a.ts" })], call("edit", { path: "a.ts", old: "1", new: "2" }), "Done: x is two.");
    const aura = await open({ policy: "auto" });
    await aura.types("make x two");
    const ended = await aura.sees("ended");
    expect(ended).toMatchObject({ why: "done", turns: 3 });
    expect(repo.read("a.ts")).toBe("let x = 2;\n");
    expect(repo.git("status", "--porcelain")).toBe("?? a.ts\n");
    expect(model.requests.map((asked) => asked.messages.length)).toEqual([2, 4, 6]);
  });

  story("waits for the person's yes before it changes a file", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says(call("edit", { path: "a.ts", old: "1", new: "2" }), "Done.");
    const aura = await open();
    await aura.types("make x two");
    const wanted = await aura.sees("approval.wanted");
    expect(wanted.preview?.[0]).toMatchObject({ path: "a.ts", added: 1, removed: 1 });
    expect(repo.read("a.ts")).toBe("let x = 1;\n");
    await aura.answers("yes");
    await aura.sees("ended");
    expect(repo.read("a.ts")).toBe("let x = 2;\n");
  });

  story("tells the model which hunk was dropped and why", async ({ repo, model, open }) => {
    repo.write("a.txt", `${numbers}\n`);
    model.says(call("write", { path: "a.txt", content: `${numbers.replace("line 2\n", "LINE 2\n").replace("line 28", "LINE 28")}\n` }), "As you wish.");
    const aura = await open();
    await aura.types("shout");
    const wanted = await aura.sees("approval.wanted");
    const hunks = wanted.preview?.[0]?.hunks ?? [];
    expect(hunks).toHaveLength(2);
    await aura.answers("yes", { hunks: hunks.map((hunk, at) => ({ id: hunk.id as HunkId, is: at === 0 ? "kept" : "dropped" })), note: "leave the end alone" });
    await aura.sees("ended");
    expect(repo.read("a.txt")).toContain("LINE 2\n");
    expect(repo.read("a.txt")).toContain("line 28\n");
    expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/dropped[\s\S]*leave the end alone/);
  });

  story("tells the model that a command was refused, with the reason", async ({ model, open }) => {
    model.says(call("run", { command: "rm -rf build" }), "Then not.");
    const aura = await open();
    await aura.types("clean up");
    await aura.sees("approval.wanted");
    await aura.answers("no", { note: "keep the build" });
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/refused[\s\S]*keep the build/);
  });

  story("steers: what is typed while it works reaches the model at the next turn", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    const hold = model.hold(["Reading it now.", call("read", { path: "a.ts" })], 2);
    model.says("Tabs it is.");
    const aura = await open({ policy: "auto" });
    await aura.types("look at a.ts");
    await hold.reached;
    await aura.types("and use tabs");
    await aura.sees("asked", (fact) => fact.text === "and use tabs");
    hold.release();
    await aura.sees("ended");
    expect(model.requests[0]?.messages.some((message) => message.text.includes("tabs"))).toBe(false);
    expect(model.requests[1]?.messages.at(-1)).toEqual({ role: "user", text: "and use tabs" });
  });

  story("stops at once and closes the server's stream", async ({ model, open }) => {
    const hold = model.hold("A long answer that nobody wants to hear to its end.", 3);
    const aura = await open();
    await aura.types("talk");
    await hold.reached;
    await aura.send({ type: "stop" });
    expect(await aura.sees("ended")).toMatchObject({ why: "stopped" });
    await model.abortedTimes(1);
    hold.release();
    model.says("Here I am again.");
    await aura.types("go on");
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
  });

  story("keeps every request a byte prefix of the next", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says(
      [call("read", { path: "a.ts" }), call("list", {})],
      call("nothing", {}),
      call("edit", { path: "a.ts", old: "nowhere", new: "x" }),
      "First.",
      call("read", { path: "b.ts" }),
      "Second.",
    );
    const aura = await open({ policy: "auto" });
    await aura.types("one");
    await aura.sees("ended");
    await aura.types("two");
    await aura.sees("ended");
    const bytes = model.requests.map(({ body }) => JSON.stringify([body.tools, body.messages]).slice(0, -2));
    for (const [at, one] of bytes.entries()) if (at > 0) expect(one.startsWith(bytes[at - 1] ?? "")).toBe(true);
    expect(bytes).toHaveLength(6);
  });
});

describe("a model that writes nonsense", () => {
  story("hears that a tool doesn't exist, and what was wrong with its arguments", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1;\n");
    model.says(call("fly", { to: "moon" }), call("read", { nonsense: true }), "I see.");
    const aura = await open({ policy: "auto" });
    await aura.types("try");
    await aura.sees("ended");
    expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/no tool "fly"[\s\S]*read/);
    expect(model.requests[2]?.messages.at(-1)?.text).toMatch(/path/);
  });

  story("hears that its call was not JSON, and goes on", async ({ model, open }) => {
    model.says(badCall("read", '{"path": "a.ts'), "Sorry.");
    const aura = await open({ policy: "auto" });
    await aura.types("try");
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/JSON/);
    expect(() => JSON.stringify(model.requests[1]?.body)).not.toThrow();
  });

  story(
    "on the OpenAI wire, too",
    async ({ model, open }) => {
      model.says(badCall("read", '{"path": "a.ts'), "Sorry.");
      const aura = await open({ policy: "auto" });
      await aura.types("try");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    },
    { on: ["memory"], model: { wire: "openai" } },
  );
});

describe("a server in trouble", () => {
  story(
    "is asked again after a broken connection, a 503 and a cut stream",
    async ({ model, open }) => {
      model.says(reset(), status(503, "Loading model"), cut("half an ans", 2), "Whole.");
      const aura = await open();
      await aura.types("hello");
      expect(await aura.sees("ended")).toMatchObject({ why: "done" });
      expect(aura.facts.filter((fact) => fact.type === "said").map((fact) => fact.text)).toEqual(["Whole."]);
    },
    { on: ["memory"] },
  );

  story("that dies in mid-stream and comes back loses nothing", async ({ model, open }) => {
    const hold = model.hold("This will be cut", 2);
    const aura = await open();
    await aura.types("hello");
    await hold.reached;
    await model.close();
    await aura.sees("noted");
    model.says("Back again.");
    await model.reopen();
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    expect(aura.facts.filter((fact) => fact.type === "said").map((fact) => fact.text)).toEqual(["Back again."]);
    hold.release();
  });

  story(
    "that reports an error inside the stream ends in a clear state",
    async ({ model, open }) => {
      for (let tries = 0; tries < 8; tries++) model.says(errorInside("a b c d", "model runner has unexpectedly stopped", 2));
      const aura = await open();
      await aura.types("hello");
      const ended = await aura.sees("ended");
      expect(ended.why).toBe("failed");
      expect(ended.error?.message).toMatch(/unexpectedly stopped/);
    },
    { on: ["memory"] },
  );
});

describe("a line that drops", () => {
  story("at an approval: the next client answers it", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1\n");
    model.says(call("edit", { path: "a.ts", old: "1", new: "2" }), "Done.");
    const first = await open();
    await first.types("make x two");
    await first.sees("approval.wanted");
    first.drops();
    const aura = await open({ session: first.session });
    await aura.sees("approval.wanted");
    await aura.answers("yes");
    await aura.sees("ended");
    expect(repo.read("a.ts")).toBe("let x = 2\n");
    expect(aura.facts.map((fact) => fact.seq)).toEqual(aura.facts.map((_, at) => at + 1));
  });

  story("in mid-stream: the run goes on, and its facts come exactly once", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1\n");
    const hold = model.hold(["Let me see", call("read", { path: "a.ts" })], 1);
    model.says("It is one.");
    const first = await open();
    await first.types("what is x");
    await hold.reached;
    const last = first.facts.length;
    first.drops();
    hold.release();
    const aura = await open({ session: first.session, from: last });
    await aura.sees("ended");
    expect(aura.facts.map((fact) => fact.seq)).toEqual(aura.facts.map((_, at) => last + at + 1));
  });
});

describe("a process that is killed", () => {
  story("goes on at its approval when it comes back", async ({ repo, model, open, kill }) => {
    repo.write("a.ts", "let x = 1\n");
    model.says(call("edit", { path: "a.ts", old: "1", new: "2" }), "Done.");
    const first = await open();
    await first.types("make x two");
    await first.sees("approval.wanted");
    first.drops();
    await kill();
    const aura = await open({ session: first.session });
    const resumed = await aura.sees("noted", (fact) => fact.text.startsWith("Resumed"));
    await aura.sees("approval.wanted", (fact) => fact.seq > resumed.seq);
    await aura.answers("yes");
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    expect(repo.read("a.ts")).toBe("let x = 2\n");
  });

  story("goes on with a run that was cut in mid-stream", async ({ model, open, kill }) => {
    const hold = model.hold("half of", 1);
    const first = await open();
    await first.types("talk");
    await hold.reached;
    first.drops();
    await kill();
    model.says("The whole.");
    const aura = await open({ session: first.session });
    expect(await aura.sees("ended")).toMatchObject({ why: "done" });
    hold.release();
    const bytes = model.requests.map(({ body }) => JSON.stringify([body.tools, body.messages]).slice(0, -2));
    expect(bytes[1]).toBe(bytes[0]);
  });
});

describe("limits and policies", () => {
  story("end a run that takes too many turns", async ({ model, open }) => {
    model.says(call("list", {}), call("list", {}));
    const aura = await open({ policy: "auto", limits: { maxTurns: 2 } });
    await aura.types("loop");
    expect(await aura.sees("ended")).toMatchObject({ why: "limit", turns: 2 });
  });

  story("end a run that takes too long", async ({ model, open }) => {
    model.says(hang());
    const aura = await open({ policy: "auto", limits: { maxTimeMs: 300 } });
    await aura.types("wait");
    expect(await aura.sees("ended")).toMatchObject({ why: "limit" });
  });

  story("refuse what lies outside, and end after three times", async ({ model, open }) => {
    model.says(call("read", { path: "/etc/hostname" }), call("write", { path: "../x", content: "x" }), call("edit", { path: ".git/config", old: "a", new: "b" }));
    const aura = await open({ policy: "auto" });
    await aura.types("escape");
    expect(await aura.sees("ended")).toMatchObject({ why: "forbidden" });
  });

  story("let nothing be changed under read-only", async ({ repo, model, open }) => {
    repo.write("a.ts", "1\n");
    model.says(call("write", { path: "a.ts", content: "2\n" }), "No.");
    const aura = await open({ policy: "read-only" });
    await aura.types("try");
    await aura.sees("ended");
    expect(repo.read("a.ts")).toBe("1\n");
  });
});

describe("undo", () => {
  story("takes back the newest run, and leaves alone what the person changed since", async ({ repo, model, open }) => {
    repo.write("a.ts", "let x = 1\n");
    repo.write("b.ts", "let y = 1\n");
    model.says(
      call("edit", { path: "a.ts", old: "1", new: "2" }),
      call("edit", { path: "b.ts", old: "1", new: "2" }),
      call("write", { path: "new/c.ts", content: "c\n" }),
      "Done.",
    );
    const aura = await open({ policy: "auto" });
    await aura.types("change them");
    await aura.sees("ended");
    repo.write("b.ts", "let y = 3\n");
    await aura.send({ type: "revert", to: "newest" } as never);
    const reverted = await aura.sees("reverted");
    expect(repo.read("a.ts")).toBe("let x = 1\n");
    expect(repo.read("b.ts")).toBe("let y = 3\n");
    expect(repo.has("new/c.ts")).toBe(false);
    expect(reverted.kept).toEqual([{ path: "b.ts", why: "it was changed since" }]);
  });
});
