/** Whether, when and with what a lost stream connects again: the rules of client/kallglot/stream/reconnecting.py. */

export const WINDOW_MS = 300_000;
export const FIRST_WINDOW_MS = 30_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

export type Cause =
  | "message_refused"
  | "token_rejected"
  | "session_not_found"
  | "session_over"
  | "window_over"
  | "too_much_data"
  | "closed";

export interface Absence {
  since_ms: number;
  window_ms: number;
  attempts: number;
  hasRenewed: boolean;
}

export type Step = { kind: "again"; after_ms: number; renew: boolean } | { kind: "over"; cause: Cause };

// Going away, a connection that broke or never was, trouble of the server's own, a gateway's.
const PASSING = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014]);
const CAUSES: Readonly<Record<number, Cause>> = {
  1009: "too_much_data",
  4400: "message_refused",
  4401: "token_rejected",
  4404: "session_not_found",
  4409: "session_over",
  4410: "window_over",
  4429: "too_much_data",
};

/** `draw` is in [0, 1). */
export function nextStep(absence: Absence, code: number, now_ms: number, draw: number): Step {
  const cause = CAUSES[code] ?? "closed";
  if (cause === "token_rejected" && !absence.hasRenewed) return { kind: "again", after_ms: 0, renew: true };
  if (!PASSING.has(code)) return { kind: "over", cause };
  const grown_ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(absence.attempts, 30));
  const after_ms = grown_ms * (0.5 + draw / 2);
  if (now_ms + after_ms >= absence.since_ms + absence.window_ms) {
    return { kind: "over", cause: absence.attempts ? "window_over" : cause };
  }
  return { kind: "again", after_ms, renew: false };
}

export function after(absence: Absence, step: Step & { kind: "again" }): Absence {
  return { ...absence, attempts: absence.attempts + 1, hasRenewed: absence.hasRenewed || step.renew };
}
