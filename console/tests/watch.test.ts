import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketEvents } from "../src/talk/stream.ts";
import { Watch } from "../src/talk/watch.ts";

function world(token: string | null = "kst_1") {
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
        return { bufferedAmount: 0, send, close: () => void (socket.isClosed = true) };
      },
      token: () => token,
      wait: (what, after_ms) => {
        due = { what, after_ms };
        return () => void (due = null);
      },
    },
    (message) => heard.push(message.type),
  );
  return { watch, sockets, heard, due: () => due };
}

test("it subscribes with the session's token, and pings", () => {
  const { sockets, due } = world();
  assert.equal(sockets[0]!.url, "wss://events/live?token=kst_1&session_id=sess_1");
  sockets[0]!.events.opened();
  due()!.what();
  assert.deepEqual(sockets[0]!.sent, [
    { action: "subscribe", session_id: "sess_1", last_sequence: 0 },
    { action: "ping" },
  ]);
  assert.equal(due()!.after_ms, 60_000);
});

test("a socket that breaks is opened again, and asks for what was missed", () => {
  const { sockets, heard, due } = world();
  sockets[0]!.events.opened();
  sockets[0]!.events.received('{"type":"transcript.final","id":"s","sequence":7}');
  sockets[0]!.events.closed(1006);
  assert.equal(due()!.after_ms, 5_000);
  due()!.what();
  sockets[1]!.events.opened();
  assert.deepEqual(sockets[1]!.sent, [{ action: "subscribe", session_id: "sess_1", last_sequence: 7 }]);
  assert.deepEqual(heard, ["transcript.final"]);
});

test("a session that has ended is not watched", () => {
  assert.equal(world(null).sockets.length, 0);
});

test("closed, it does nothing more", () => {
  const { watch, sockets, heard, due } = world();
  sockets[0]!.events.opened();
  watch.close();
  sockets[0]!.events.received('{"type":"pong"}');
  sockets[0]!.events.closed(1000);
  assert.deepEqual([sockets[0]!.isClosed, heard, due()], [true, [], null]);
});
