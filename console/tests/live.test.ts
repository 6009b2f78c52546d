import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../src/api/objects.ts";
import type { ServerMessage } from "../src/talk/messages.ts";
import { elapsed_s, runningSessions } from "../src/talk/running.ts";
import { MOST_WATCHED, Watching, type Heard } from "../src/talk/watching.ts";

function world() {
  const open = new Map<string, (message: ServerMessage) => void>();
  const changed: string[] = [];
  let heard: Heard = new Map();
  const watching = new Watching({
    watch: (id, take) => {
      open.set(id, take);
      return { close: () => open.delete(id) };
    },
    onHeard: (latest) => (heard = latest),
    onChanged: (id) => changed.push(id),
  });
  return { watching, open, changed, heard: () => heard };
}

function said(text: string): ServerMessage {
  return { type: "transcript.final", id: text, sequence: 1, speaker: "customer", language: "en", text, is_final: true };
}

test("each of several sessions is heard for as long as it is followed", () => {
  const { watching, open, heard } = world();
  watching.follow(["a", "b"]);
  open.get("a")!(said("one"));
  open.get("b")!(said("two"));
  assert.deepEqual([...heard()].map(([id, captions]) => [id, captions[0]!.text]), [["a", "one"], ["b", "two"]]);
  watching.follow(["b", "c"]);
  assert.deepEqual([...open.keys()], ["b", "c"]);
  open.get("c")!(said("three"));
  assert.deepEqual([...heard().keys()], ["b", "c"]);
  watching.close();
  assert.equal(open.size, 0);
});

test("only so many are watched at once, the first ones", () => {
  const { watching, open } = world();
  watching.follow(Array.from({ length: 100 }, (_, number) => `s${number}`));
  assert.equal(open.size, MOST_WATCHED);
  assert.ok(open.has("s0"));
});

test("a session that begins or ends is told", () => {
  const { watching, open, changed, heard } = world();
  watching.follow(["a"]);
  open.get("a")!({ type: "session.ended", reason: "completed" });
  open.get("a")!({ type: "pong" });
  assert.deepEqual([changed, heard().size], [["a"], 0]);
});

test("what runs is what is connected, heard or not, the newest first", async () => {
  const of = (id: string, created_at: string) => ({ id, created_at }) as Session;
  const pages: Record<string, Session[]> = { active: [of("old", "2026-01-01"), of("new", "2026-01-03")], connecting: [of("mid", "2026-01-02")] };
  const sessions = async (query: { status?: string }) => ({ data: pages[query.status!]!, has_more: query.status === "connecting" });
  const running = await runningSessions({ sessions } as never, () => 7);
  assert.deepEqual([running.sessions.map((each) => each.id), running.hasMore, running.at_ms], [["new", "mid", "old"], true, 7]);
});

test("the time goes on between two answers, and stands still before the first sound and after the end", () => {
  const session = { status: "active", started_at: "2026-01-01T00:00:00Z", duration: 10 } as Session;
  assert.equal(elapsed_s(session, 1_000, 3_500), 12.5);
  assert.equal(elapsed_s({ ...session, started_at: null, duration: 0 }, 1_000, 3_500), 0);
  assert.equal(elapsed_s({ ...session, status: "ended" }, 1_000, 3_500), 10);
});
