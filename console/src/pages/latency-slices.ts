import type { LatencyParts } from "../talk/messages.ts";

/** In the order in which they happen. */
export const PARTS = ["endpoint", "queue", "asr", "mt", "model", "tts"] as const;
export type Part = (typeof PARTS)[number];

// Bars of one call can be compared with each other: this long is the whole width, or else the segment's own time.
const USUAL_MS = 1_500;

/** Without those that this call has not: only an agent has a model. */
export function partsOf(latencies: readonly LatencyParts[]): Part[] {
  return PARTS.filter((part) => latencies.some((latency) => latency[`${part}_ms`] !== undefined));
}

export function slicesOf(latency: LatencyParts, width: number): { part: Part; x: number; width: number }[] {
  const scale = width / Math.max(USUAL_MS, latency.total_ms);
  let x = 0;
  return PARTS.map((part) => {
    const slice = { part, x, width: (latency[`${part}_ms`] ?? 0) * scale };
    x += slice.width;
    return slice;
  });
}
