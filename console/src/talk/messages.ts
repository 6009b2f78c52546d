/** What the server says on a stream (docs/api/asyncapi.json), as far as this console listens. */

import type { Role } from "../api/objects.ts";
import type { Lag } from "./lag.ts";

export interface Said {
  type: "transcript.partial" | "transcript.final";
  id: string;
  sequence: number;
  speaker: Role;
  language: string;
  text: string;
  is_final: boolean;
  translation?: { language: string; text: string };
}

export interface LatencyParts {
  endpoint_ms: number;
  asr_ms: number;
  mt_ms: number;
  /** Of an agent's language model, where there is one. */
  model_ms?: number;
  tts_ms: number;
  queue_ms: number;
  total_ms: number;
}

export type ServerMessage =
  | { type: "session.ready"; resumed: boolean; last_sequence: number }
  | Said
  | { type: "audio.output"; segment_id: string | null; audio: { encoding: string; sample_rate_hz: number; payload: string } }
  | { type: "audio.clear"; segment_id: string }
  | ({ type: "latency"; segment_id: string } & LatencyParts)
  | ({ type: "lag" } & Lag)
  | { type: "session.error"; error: { code: string; message: string }; fatal: boolean }
  | { type: "session.ended"; reason: string }
  | { type: "pong" };

/** Null for what is no message. One that this console does not know is passed on, and nobody listens to it. */
export function messageOf(text: unknown): ServerMessage | null {
  if (typeof text !== "string") return null;
  try {
    const body = JSON.parse(text);
    return typeof body?.type === "string" ? body : null;
  } catch {
    return null;
  }
}
