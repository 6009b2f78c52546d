import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketEvents } from "../src/talk/stream.ts";
import { Watch } from "../src/talk/watch.ts";

/** Lets promises that are settled go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function world(token: () => Promise<string | null> = async () => "kst_1") {
  const sockets: { url: string; sent: object[]; events: SocketEvents; isClosed: boolean }[] = [];
  const heard: string[] = [];
  let due: { what: () => void; after_ms: number } | null = null;
  const watch = new Watch(
    "wss://events/live",
    "sess_1",
    {
      open: (url, events) => {
        const socket = { url, events, sent: [] as object[], isClosed: false };
        sockets.push(socket);
        const send = (text: string) => void socket.sent.push(JSON.parse(text));
        return { readyState: 1, bufferedAmount: 0, send, close: () => void (socket.isClosed = true) };
      },
      token,
      wait: (what, after_ms) => {
        due = { what, after_ms };
        return () => void (due = null);
      },
    },
    (message) => heard.push(message.type),
  );
  await settled();
  const pass = async () => {
    due!.what();
    await settled();
  };
  return { watch, sockets, heard, due: () => due, pass };
}

test("it subscribes with the session's token, and pings", async () => {
  const { sockets, due } = await world();
  assert.equal(sockets[0]!.url, "wss://events/live?token=kst_1&session_id=sess_1");
  sockets[0]!.events.opened();
  due()!.what();
  assert.deepEqual(sockets[0]!.sent, [
    { action: "subscribe", session_id: "sess_1", last_sequence: 0 },
    { action: "ping" },
  ]);
  assert.equal(due()!.after_ms, 60_000);
});

test("a socket that breaks is opened again, and asks for what was missed", async () => {
  const { sockets, heard, due, pass } = await world();
  sockets[0]!.events.opened();
  sockets[0]!.events.received('{"type":"transcript.final","id":"s","sequence":7}');
  sockets[0]!.events.closed(1006);
  assert.equal(due()!.after_ms, 5_000);
  await pass();
  sockets[1]!.events.opened();
  assert.deepEqual(sockets[1]!.sent, [{ action: "subscribe", session_id: "sess_1", last_sequence: 7 }]);
  assert.deepEqual(heard, ["transcript.final"]);
});

test("a session that has ended is not watched", async () => {
  const { sockets, due } = await world(async () => null);
  assert.deepEqual([sockets.length, due()], [0, null]);
});

test("where the token is not to be had now, it is asked for again", async () => {
  const answers = [Promise.reject(new Error("away")), Promise.resolve("kst_2")];
  const { sockets, pass } = await world(() => answers.shift()!);
  assert.equal(sockets.length, 0);
  await pass();
  assert.match(sockets[0]!.url, /token=kst_2/);
});

test("closed, it does nothing more", async () => {
  const { watch, sockets, heard, due } = await world();
  sockets[0]!.events.opened();
  watch.close();
  sockets[0]!.events.received('{"type":"pong"}');
  sockets[0]!.events.closed(1000);
  assert.deepEqual([sockets[0]!.isClosed, heard, due()], [true, [], null]);
});
