import { Framer } from "./frames.ts";

// What the browser's audio thread offers; TypeScript's library knows the page only.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Capture extends AudioWorkletProcessor {
  readonly #framer = new Framer(sampleRate);

  process(inputs: Float32Array[][]): boolean {
    const samples = inputs[0]?.[0];
    if (samples) {
      for (const frame of this.#framer.push(samples)) this.port.postMessage(frame, [frame.sound.buffer]);
    }
    return true;
  }
}

registerProcessor("capture", Capture);
