import type { ServerMessage } from "./messages.ts";

/** What was last done about a voice that has fallen behind. */
export interface Lag {
  segment_id: string;
  action: "merged" | "faster" | "skipped";
  waited_ms: number;
  /** Under which other segment it is spoken. */
  into: string | null;
}

/** The lag after this message. A segment that was spoken without anything done about it shows that it is over. */
export function lagAfter(lag: Lag | null, message: ServerMessage): Lag | null {
  if (message.type === "lag") return message;
  if (message.type !== "latency" || !lag) return lag;
  return message.segment_id === lag.segment_id || message.segment_id === lag.into ? lag : null;
}
