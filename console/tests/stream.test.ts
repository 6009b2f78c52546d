import assert from "node:assert/strict";
import { test } from "node:test";
import { Stream, type Socket, type SocketEvents } from "../src/talk/stream.ts";

/** A server, a clock and a network of the test's own. */
class World {
  sockets: (Socket & { url: string; sent: Record<string, unknown>[]; events: SocketEvents; isClosed: boolean })[] = [];
  waiting: { what: () => void; after_ms: number }[] = [];
  states: string[] = [];
  heard: string[] = [];
  over: (string | null)[] = [];
  now_ms = 0;
  renewals = 0;
  participant: string | null;
  stream: Stream;

  constructor(participant: string | null = null) {
    this.participant = participant;
    this.stream = this.#opened();
  }

  #opened = () => new Stream(
    { url: "wss://h/connect", token: "kst_1" },
    this.participant,
    {
      open: (url, events) => this.#open(url, events),
      renew: async () => ({ url: "wss://h/connect", token: `kst_${1 + (this.renewals += 1)}` }),
      now_ms: () => this.now_ms,
      wait: (what, after_ms) => void this.waiting.push({ what, after_ms }),
      draw: () => 0,
    },
    {
      onMessage: (message) => this.heard.push(message.type),
      onState: (state) => this.states.push(state),
      onOver: (cause) => this.over.push(cause),
    },
  );

  #open(url: string, events: SocketEvents): Socket {
    const sent: Record<string, unknown>[] = [];
    const socket = {
      url,
      sent,
      events,
      isClosed: false,
      readyState: 1,
      bufferedAmount: 0,
      send: (text: string) => void sent.push(JSON.parse(text)),
      close: () => void (socket.isClosed = true),
    };
    this.sockets.push(socket);
    return socket;
  }

  get socket() {
    return this.sockets.at(-1)!;
  }

  greet() {
    this.socket.events.opened();
    this.say({ type: "session.ready", resumed: false, last_sequence: 0 });
  }

  say(message: object) {
    this.socket.events.received(JSON.stringify(message));
  }

  /** Lets the pause before the next connection pass. */
  async goOn() {
    const next = this.waiting.shift();
    assert.ok(next, "nothing is waited for");
    this.now_ms += next.after_ms;
    next.what();
    await new Promise(setImmediate);
  }
}

const final = (sequence: number) => ({ type: "transcript.final", id: `s${sequence}`, sequence });

test("the token goes in the first message, and sound only when the server has greeted", () => {
  const world = new World();
  world.socket.events.opened();
  assert.deepEqual(world.socket.sent, [{ type: "session.auth", token: "kst_1" }]);
  assert.equal(world.socket.url.includes("kst_1"), false);
  assert.equal(world.stream.sound({ type: "audio.input" }), false);
  world.greet();
  assert.equal(world.stream.sound({ type: "audio.input" }), true);
  assert.deepEqual(world.states, ["connecting", "live"]);
});

test("who is one of two says so", () => {
  const world = new World("agent");
  world.socket.events.opened();
  assert.deepEqual(world.socket.sent, [{ type: "session.auth", token: "kst_1", participant: "agent" }]);
});

test("a connection that breaks is made again, and asks for the finals it missed", async () => {
  const world = new World();
  world.greet();
  world.say(final(3));
  world.socket.events.closed(1006);
  assert.equal(world.stream.say({ type: "text.input" }), false);
  await world.goOn();
  world.socket.events.opened();
  assert.deepEqual(world.socket.sent, [{ type: "session.auth", token: "kst_1", last_sequence: 3 }]);
  world.say({ type: "session.ready", resumed: true, last_sequence: 4 });
  world.say(final(3));
  world.say(final(4));
  assert.deepEqual(world.states, ["connecting", "live", "away", "live"]);
  assert.equal(world.heard.filter((type) => type === "transcript.final").length, 2);
});

test("an expired token is renewed once", async () => {
  const world = new World();
  world.socket.events.closed(4401);
  await world.goOn();
  world.socket.events.opened();
  assert.deepEqual(world.socket.sent, [{ type: "session.auth", token: "kst_2" }]);
  world.socket.events.closed(4401);
  assert.deepEqual(world.over, ["token_rejected"]);
});

test("after five minutes of trying it is over", async () => {
  const world = new World();
  world.greet();
  world.socket.events.closed(1006);
  while (world.waiting.length) {
    await world.goOn();
    world.socket.events.closed(1006);
  }
  assert.deepEqual(world.over, ["window_over"]);
  assert.ok(world.now_ms > 290_000 && world.now_ms <= 300_000, `${world.now_ms}`);
});

test("what cannot pass is said at once", () => {
  for (const [code, cause] of [
    [4404, "session_not_found"],
    [4409, "session_over"],
    [4429, "too_much_data"],
    [1002, "closed"],
  ] as const) {
    const world = new World();
    world.greet();
    world.socket.events.closed(code);
    assert.deepEqual(world.over, [cause]);
  }
});

test("an end that was asked for is no fault", () => {
  const world = new World();
  world.greet();
  assert.equal(world.stream.end(), true);
  assert.deepEqual(world.socket.sent.at(-1), { type: "session.end" });
  world.say({ type: "session.ended", reason: "explicit_end" });
  world.socket.events.closed(1006);
  assert.deepEqual(world.over, [null]);
});

test("sound is dropped where the network takes less than it is given", () => {
  const world = new World();
  world.greet();
  Object.assign(world.socket, { bufferedAmount: 50_000 });
  assert.equal(world.stream.sound({ type: "audio.input" }), false);
});

test("who leaves hears nothing more", () => {
  const world = new World();
  world.greet();
  world.stream.close();
  assert.equal(world.socket.isClosed, true);
  world.socket.events.closed(1006);
  assert.deepEqual([world.over, world.waiting], [[], []]);
});

test("a socket that is closing is given nothing more", () => {
  const world = new World();
  world.greet();
  Object.assign(world.socket, { readyState: 2 });
  assert.deepEqual([world.stream.sound({}), world.stream.say({})], [false, false]);
});
