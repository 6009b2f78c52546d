import { encoded } from "./mulaw.ts";
import { Resampler } from "./resampler.ts";

export const RATE_HZ = 8_000;
export const FRAME_MS = 20;
export const FRAME_BYTES = (RATE_HZ * FRAME_MS) / 1_000;

export interface Frame {
  /** Mu-law at 8 kHz. */
  sound: Uint8Array;
  /** The loudest sample, 0 to 1. */
  peak: number;
}

/** A microphone's samples, of whatever rate and in whatever pieces, as frames of 20 ms. */
export class Framer {
  readonly #resampler: Resampler;
  #sound = new Uint8Array(FRAME_BYTES);
  #filled = 0;
  #peak = 0;

  constructor(rate_hz: number) {
    this.#resampler = new Resampler(rate_hz, RATE_HZ);
  }

  push(samples: Float32Array): Frame[] {
    const frames: Frame[] = [];
    for (const sample of this.#resampler.push(samples)) {
      this.#sound[this.#filled] = encoded(sample);
      this.#filled += 1;
      this.#peak = Math.max(this.#peak, Math.abs(sample));
      if (this.#filled === FRAME_BYTES) frames.push(this.#taken());
    }
    return frames;
  }

  #taken(): Frame {
    const frame = { sound: this.#sound, peak: Math.min(1, this.#peak) };
    this.#sound = new Uint8Array(FRAME_BYTES);
    this.#filled = 0;
    this.#peak = 0;
    return frame;
  }
}
