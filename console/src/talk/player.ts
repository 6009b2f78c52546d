import { decoded, fromBase64 } from "./mulaw.ts";

// Behind this much nobody waits for: what comes on top is not played. Its text is there.
const MOST_AHEAD_S = 60;
const START_AHEAD_S = 0.05;
/** Of somebody's own voice, which is live: what a slow network brings too late is left out, so that the rest is not. */
const MOST_AHEAD_LIVE_S = 0.5;

interface Piece {
  segment_id: string | null;
  source: AudioBufferSourceNode;
}

/** Plays pieces one after the other as they come, which is faster than they sound. */
export class Player {
  readonly #context: AudioContext;
  readonly #meter: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #pieces: Piece[] = [];
  #until_s = 0;

  constructor(context: AudioContext) {
    this.#context = context;
    this.#meter = context.createAnalyser();
    this.#meter.connect(context.destination);
    this.#samples = new Float32Array(this.#meter.fftSize);
  }

  /** Mu-law. Without a segment it is somebody's own voice. */
  play(segment_id: string | null, payload: string, rate_hz: number): void {
    const samples = decoded(fromBase64(payload));
    const starts_s = Math.max(this.#until_s, this.#context.currentTime + START_AHEAD_S);
    const most_s = segment_id === null ? MOST_AHEAD_LIVE_S : MOST_AHEAD_S;
    if (!samples.length || starts_s - this.#context.currentTime > most_s) return;
    const buffer = this.#context.createBuffer(1, samples.length, rate_hz);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#meter);
    source.start(starts_s);
    this.#until_s = starts_s + buffer.duration;
    const piece = { segment_id, source };
    this.#pieces.push(piece);
    source.onended = () => {
      this.#pieces = this.#pieces.filter((each) => each !== piece);
    };
  }

  /** Its listener has started to speak. */
  clear(segment_id: string): void {
    for (const piece of this.#pieces) if (piece.segment_id === segment_id) piece.source.stop();
    this.#pieces = this.#pieces.filter((piece) => piece.segment_id !== segment_id);
    if (!this.#pieces.length) this.#until_s = 0;
  }

  /** The loudest sample of this moment, 0 to 1. */
  get peak(): number {
    this.#meter.getFloatTimeDomainData(this.#samples);
    return this.#samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
  }
}
