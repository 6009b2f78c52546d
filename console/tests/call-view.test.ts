import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_VIEW, viewAfter } from "../src/talk/call-view.ts";
import { lagAfter, type Lag } from "../src/talk/lag.ts";
import type { ServerMessage } from "../src/talk/messages.ts";
import { agentOf, hearsAll } from "../src/talk/modes.ts";

const LAG: Lag = { segment_id: "b", action: "merged", waited_ms: 3_000, into: "a" };

function spoken(segment_id: string): ServerMessage {
  return { type: "latency", segment_id, endpoint_ms: 0, asr_ms: 0, mt_ms: 0, tts_ms: 0, queue_ms: 0, total_ms: 0 };
}

test("a lag lasts until a segment is spoken that nothing was done about", () => {
  const lag = lagAfter(null, { type: "lag", ...LAG });
  assert.equal(lag?.waited_ms, 3_000);
  assert.equal(lagAfter(lag, spoken("a")), lag);
  assert.equal(lagAfter(lag, spoken("b")), lag);
  assert.equal(lagAfter(lag, { type: "pong" }), lag);
  assert.equal(lagAfter(lag, spoken("c")), null);
});

test("a complaint is shown until something is understood again", () => {
  const error = { code: "recognition_failed", message: "a line was not understood" };
  const view = viewAfter(FIRST_VIEW, { type: "session.error", error, fatal: false });
  assert.deepEqual(view.complaint, error);
  assert.equal(viewAfter(view, spoken("a")).complaint, error);
  const said = { type: "transcript.final", id: "a", sequence: 1, speaker: "customer", language: "en", text: "Yes.", is_final: true } as const;
  const after = viewAfter(view, said);
  assert.deepEqual([after.complaint, after.captions.length], [null, 1]);
});

test("what changes nothing is the same view", () => {
  assert.equal(viewAfter(FIRST_VIEW, { type: "pong" }), FIRST_VIEW);
});

test("alone, one hears one's own translation, and never one's own voice", () => {
  assert.ok(hearsAll("bidirectional_translation", false));
  assert.ok(!hearsAll("bidirectional_translation", true));
  assert.ok(!hearsAll("assistive_translation", false));
});

test("a kept agent is named, another one described, and a help desk may be neither", () => {
  assert.deepEqual(agentOf("ai_agent", "agt_1", "Be kind."), { id: "agt_1" });
  assert.deepEqual(agentOf("ai_agent", "", " Be kind. "), { system_prompt: "Be kind." });
  assert.equal(agentOf("help_chat_voice", "", ""), null);
  assert.equal(agentOf("bidirectional_translation", "agt_1", "Be kind."), null);
});
