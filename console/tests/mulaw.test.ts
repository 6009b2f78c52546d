import assert from "node:assert/strict";
import { test } from "node:test";
import { decoded, encoded, fromBase64, toBase64 } from "../src/talk/mulaw.ts";

const levelOf = (byte: number) => Math.round(decoded(Uint8Array.of(byte))[0]! * 32_768);

test("the corners of G.711's table", () => {
  assert.deepEqual([0xff, 0x7f, 0x80, 0x00].map(levelOf), [0, -0, 32_124, -32_124]);
});

test("every code comes back as itself, but the second zero", () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const back = encoded(levelOf(byte) / 32_767);
    assert.equal(back, byte === 0x7f ? 0xff : byte);
  }
});

test("what is too loud is clipped", () => {
  assert.deepEqual([encoded(3), encoded(-3)], [0x80, 0x00]);
});

test("base64 there and back", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});
