import assert from "node:assert/strict";
import { test } from "node:test";
import { FRAME_BYTES, Framer } from "../src/talk/frames.ts";
import { Resampler } from "../src/talk/resampler.ts";

const PIECE = 128; // what an audio thread hands over at once

function tone(hz: number, rate_hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rate_hz * seconds }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hz * at) / rate_hz));
}

function resampled(input: Float32Array, rate_hz: number): number[] {
  const resampler = new Resampler(rate_hz, 8_000);
  const out: number[] = [];
  for (let at = 0; at < input.length; at += PIECE) out.push(...resampler.push(input.subarray(at, at + PIECE)));
  return out;
}

const loudest = (samples: number[]) => Math.max(...samples.slice(200, -200).map(Math.abs));

for (const rate_hz of [8_000, 16_000, 44_100, 48_000, 96_000]) {
  test(`speech at ${rate_hz} Hz passes as loud as it was, sample by sample`, () => {
    const out = resampled(tone(1_000, rate_hz, 1), rate_hz);
    const wanted = tone(1_000, 8_000, 1);
    assert.ok(out.length > 7_900 && out.length <= 8_000, `${out.length} samples of a second`);
    for (let at = 200; at < 7_000; at += 1) assert.ok(Math.abs(out[at]! - wanted[at]!) < 0.02, `sample ${at}`);
  });
}

for (const rate_hz of [16_000, 44_100, 48_000]) {
  test(`what a telephone cannot carry does not fold back from ${rate_hz} Hz`, () => {
    assert.ok(loudest(resampled(tone(5_500, rate_hz, 1), rate_hz)) < 0.005);
  });
}

test("a second is fifty frames of 20 ms, with their peak", () => {
  const framer = new Framer(48_000);
  const input = tone(1_000, 48_000, 1.1);
  const frames = [];
  for (let at = 0; at < input.length; at += PIECE) frames.push(...framer.push(input.subarray(at, at + PIECE)));
  assert.ok(frames.length >= 54 && frames.length <= 55);
  assert.ok(frames.every((frame) => frame.sound.length === FRAME_BYTES));
  assert.ok(Math.abs(frames[20]!.peak - 0.5) < 0.02);
});
