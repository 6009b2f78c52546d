/** From the microphone's rate to a telephone's, through a windowed sinc that lets nothing above it fold back. */

const REACH = 10; // zero crossings on each side
const PHASES = 64; // of the table, per sample
const PASSED = 0.45; // of the output's rate: a telephone's 3.6 kHz

export class Resampler {
  readonly #step: number;
  readonly #half: number;
  readonly #table: Float32Array;
  /** What outputs to come still need; its first sample is number `#first` of the whole input. */
  #kept: Float32Array;
  #first: number;
  #made = 0;

  constructor(from_hz: number, to_hz: number) {
    this.#step = from_hz / to_hz;
    this.#half = Math.ceil(REACH * Math.max(1, this.#step));
    this.#table = kernel(this.#half, (PASSED * Math.min(from_hz, to_hz)) / from_hz);
    this.#kept = new Float32Array(this.#half);
    this.#first = -this.#half;
  }

  /** Pieces of any size in, what they complete out. */
  push(input: Float32Array): Float32Array {
    this.#keep(input);
    const end = this.#first + this.#kept.length;
    const out: number[] = [];
    for (let at = this.#made * this.#step; at + this.#half < end; at = this.#made * this.#step) {
      out.push(this.#sampleAt(at));
      this.#made += 1;
    }
    this.#forget();
    return Float32Array.from(out);
  }

  #sampleAt(at: number): number {
    let sum = 0;
    for (let number = Math.ceil(at - this.#half); number <= at + this.#half; number += 1) {
      const weight = this.#table[Math.round((number - at + this.#half) * PHASES)] ?? 0;
      sum += weight * (this.#kept[number - this.#first] ?? 0);
    }
    return sum;
  }

  #keep(input: Float32Array): void {
    const joined = new Float32Array(this.#kept.length + input.length);
    joined.set(this.#kept);
    joined.set(input, this.#kept.length);
    this.#kept = joined;
  }

  #forget(): void {
    const needed = Math.max(this.#first, Math.floor(this.#made * this.#step) - this.#half);
    this.#kept = this.#kept.slice(needed - this.#first);
    this.#first = needed;
  }
}

/** Values at every 1/PHASES of a sample, from -half to +half; their sum over whole samples is 1. */
function kernel(half: number, cutoff: number): Float32Array {
  return Float32Array.from({ length: 2 * half * PHASES + 1 }, (_, index) => {
    const distance = index / PHASES - half;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / half);
    const angle = 2 * Math.PI * cutoff * distance;
    return 2 * cutoff * (angle === 0 ? 1 : Math.sin(angle) / angle) * window;
  });
}
