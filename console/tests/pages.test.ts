import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiKey, Session, Turn } from "../src/api/objects.ts";
import { stateOf } from "../src/pages/key-state.ts";
import { partsOf, slicesOf } from "../src/pages/latency-slices.ts";
import { timelineOf } from "../src/pages/timeline.ts";
import { turnAt } from "../src/pages/turn-at.ts";
import { barsOf } from "../src/pages/usage-bars.ts";
import { invitationOf, linkOf } from "../src/talk/invitation.ts";
import { hashOf, routeOf } from "../src/route.ts";
import { clock, moment } from "../src/words/figures.ts";
import { chosen, DICTIONARIES, languageName } from "../src/words/words.ts";

test("addresses there and back", () => {
  const session = routeOf(hashOf("sessions", "sess_1"));
  assert.deepEqual([session.page, session.id], ["sessions", "sess_1"]);
  const list = routeOf(hashOf("sessions", undefined, { status: "ended", after: undefined }));
  assert.deepEqual([list.page, list.id, list.query.toString()], ["sessions", null, "status=ended"]);
  for (const odd of ["", "#", "#/", "#/nowhere", "#/talk/%E0%A4%A"]) assert.ok(routeOf(odd).page);
});

test("an invitation is in the part of the link that goes to no server", () => {
  const address = { url: "wss://h/v1/sessions/sess_1/connect", token: "kst_live_1" };
  const link = new URL(linkOf({ sessionId: "sess_1", address, language: "es" }, "https://h/console/#/talk"));
  assert.equal(link.origin + link.pathname + link.search, "https://h/console/");
  const route = routeOf(link.hash);
  assert.deepEqual([route.page, route.id], ["join", "sess_1"]);
  assert.deepEqual(invitationOf(route.id, route.query), { sessionId: "sess_1", address, language: "es" });
  assert.equal(invitationOf("sess_1", new URLSearchParams("token=kst")), null);
});

test("the line that is being heard", () => {
  const turns = [
    { id: "a", start_time: 1, end_time: 3 },
    { id: "b", start_time: 2, end_time: 4 },
  ] as Turn[];
  assert.deepEqual([0.5, 1, 2.5, 3.9, 4].map((at) => turnAt(turns, at)?.id), [undefined, "a", "b", "b", undefined]);
});

test("a session's course: waiting is short, and everybody's segments are where they were said", () => {
  const turn = (speaker: string, start_time: number, end_time: number) => ({ speaker, start_time, end_time }) as Turn;
  const session = {
    created_at: "2026-01-01T00:00:00Z",
    started_at: "2026-01-01T01:00:00Z",
    duration: 20,
  } as Session;
  const line = timelineOf(session, [turn("customer", 0, 10), turn("agent", 19, 20)], 1_000)!;
  assert.deepEqual(line.phases.map((phase) => [phase.name, phase.x, phase.width, phase.seconds]), [
    ["waiting", 0, 120, 3_600],
    ["talking", 120, 880, 20],
  ]);
  assert.deepEqual(line.segments.map((each) => [each.lane, each.x, each.length]), [["customer", 120, 440], ["agent", 956, 44]]);
  assert.deepEqual(line.ticks.map((tick) => tick.seconds), [0, 5, 10, 15, 20]);
  assert.deepEqual(timelineOf(session, [], 300)!.ticks.map((tick) => tick.seconds), [0, 10, 20]);
  assert.equal(timelineOf({ ...session, started_at: null }, [], 1_000), null);
});

test("the parts of a latency fill its bar in order", () => {
  const parts = { endpoint_ms: 400, queue_ms: 100, asr_ms: 500, mt_ms: 1_000, tts_ms: 1_000, total_ms: 3_000 };
  const slices = slicesOf(parts, 300);
  assert.deepEqual(slices.map((slice) => [slice.part, slice.x, slice.width]), [
    ["endpoint", 0, 40],
    ["queue", 40, 10],
    ["asr", 50, 50],
    ["mt", 100, 100],
    ["model", 200, 0],
    ["tts", 200, 100],
  ]);
  assert.ok(!partsOf([parts]).includes("model"));
  assert.ok(partsOf([parts, { ...parts, model_ms: 0 }]).includes("model"));
});

test("the longest day reaches the top, and an empty month is no division by zero", () => {
  const day = (date: string, active_seconds: number) => ({ date, active_seconds, translation_seconds: 0, ai_agent_seconds: 0 });
  assert.deepEqual(barsOf([day("a", 30), day("b", 60)], 100, 50).map((bar) => bar.active), [25, 50]);
  assert.deepEqual(barsOf([day("a", 0)], 100, 50).map((bar) => bar.active), [0]);
});

test("what has become of a key", () => {
  const key = { revoked_at: null, expires_at: null } as ApiKey;
  assert.equal(stateOf(key, 0), "valid");
  assert.equal(stateOf({ ...key, expires_at: "1970-01-01T00:00:01Z" }, 1_000), "expired");
  assert.equal(stateOf({ ...key, revoked_at: "1970-01-01T00:00:01Z" }, 0), "revoked");
});

test("the language of the page is the browser's, where there are words for it", () => {
  assert.equal(chosen(["fr-CA", "es-MX", "en"]), "es");
  assert.equal(chosen(["fr"]), "en");
  assert.equal(languageName("es", "de"), "Spanisch");
});

test("no word is left empty, and none is left in English by mistake", () => {
  const leaves = (part: object): string[] =>
    Object.values(part).flatMap((value) => (typeof value === "object" ? leaves(value) : [String(value)]));
  const [en, de, es] = [DICTIONARIES.en, DICTIONARIES.de, DICTIONARIES.es].map(leaves) as [string[], string[], string[]];
  for (const words of [de, es]) {
    assert.equal(words.length, en.length);
    assert.ok(words.every((word) => word.trim()));
    assert.ok(words.filter((word, at) => word === en[at] && word.length > 12).every((word) => word.includes("=>")));
  }
});

test("times as people read them", () => {
  assert.match(moment("2026-03-26T11:00:00Z", "en", ["de", "en-GB"]), /^26 Mar 2026, /);
  assert.match(moment("2026-03-26T11:00:00Z", "en", ["de"]), /^Mar 26, 2026, /);
  assert.deepEqual([0, 59.9, 61, 3_661].map(clock), ["0:00", "0:59", "1:01", "1:01:01"]);
});
