import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_CAPTIONS, withMessage, type Caption } from "../src/talk/captions.ts";
import type { Said, ServerMessage } from "../src/talk/messages.ts";

const NONE: readonly Caption[] = [];

function said(id: string, text: string, more: Partial<Said> = {}): Said {
  const base = { id, text, sequence: 1, speaker: "customer", language: "en", is_final: false } as const;
  return { type: "transcript.partial", ...base, ...more };
}

const final = (id: string, text: string, translation: string) =>
  said(id, text, { type: "transcript.final", is_final: true, translation: { language: "es", text: translation } });
const after = (...messages: ServerMessage[]) => messages.reduce(withMessage, NONE);

test("a partial grows in its place and becomes its final", () => {
  const captions = after(said("a", "hel"), said("b", "other"), said("a", "hello"), final("a", "Hello.", "Hola."));
  assert.deepEqual(
    captions.map((each) => [each.text, each.isFinal, each.translation?.text]),
    [
      ["Hello.", true, "Hola."],
      ["other", false, undefined],
    ],
  );
});

test("a final stays as it is", () => {
  const captions = after(final("a", "Hello.", "Hola."), said("a", "late"), final("a", "Again.", "Otra vez."));
  assert.deepEqual(captions.map((each) => each.text), ["Hello."]);
});

test("latency finds its segment", () => {
  const parts = { endpoint_ms: 400, asr_ms: 20, mt_ms: 1, tts_ms: 30, queue_ms: 2, total_ms: 453 };
  const captions = after(final("a", "Hello.", "Hola."), { type: "latency", segment_id: "a", ...parts });
  assert.equal(captions[0]!.latency?.total_ms, 453);
});

test("the oldest go first", () => {
  const many = Array.from({ length: MOST_CAPTIONS + 5 }, (_, number) => final(`s${number}`, "x", "y"));
  const captions = after(...many);
  assert.equal(captions.length, MOST_CAPTIONS);
  assert.equal(captions[0]!.id, "s5");
});

test("other messages change nothing", () => {
  assert.equal(withMessage(NONE, { type: "pong" }), NONE);
});
