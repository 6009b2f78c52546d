/** G.711 mu-law: a byte for a sample, as telephones have it. */

const BIAS = 0x84;
const LOUDEST = 32_635;

/** `sample` is in [-1, 1]; what is louder is clipped. */
export function encoded(sample: number): number {
  const whole = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
  const sign = whole < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(whole), LOUDEST) + BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

const DECODED = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return (bits & 0x80 ? -magnitude : magnitude) / 32_768;
});

export function decoded(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bytes, (byte) => DECODED[byte]!);
}

export const SILENCE = 0xff;

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
