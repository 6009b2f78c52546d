import type { Role, Session, Turn } from "../api/objects.ts";

export interface Phase {
  name: "waiting" | "talking";
  x: number;
  width: number;
  seconds: number;
}

export interface Segment {
  turn: Turn;
  lane: Role;
  x: number;
  length: number;
}

export interface Timeline {
  phases: Phase[];
  segments: Segment[];
  ticks: { x: number; seconds: number }[];
  /** Where that moment of the recording is. */
  xOf: (position_s: number) => number;
}

// However long nobody said anything at first, what was said is what one wants to see.
const MOST_WAITING = 0.12;
const LEAST_SEGMENT = 3;
const TICK_STEPS_S = [5, 10, 30, 60, 300, 600, 1_800, 3_600];
const LEAST_TICK = 75;

/** A session from its creation to its end, `width` wide: who spoke when. Null before the first sound. */
export function timelineOf(session: Session, turns: readonly Turn[], width: number): Timeline | null {
  if (!session.started_at) return null;
  const waited_s = Math.max(0, (Date.parse(session.started_at) - Date.parse(session.created_at)) / 1_000);
  const talked_s = Math.max(1, session.duration ?? 0, ...turns.map((turn) => turn.end_time));
  const waiting = Math.min(MOST_WAITING, waited_s / (waited_s + talked_s)) * width;
  const xOf = (position_s: number) => waiting + (Math.min(position_s, talked_s) / talked_s) * (width - waiting);
  return {
    phases: [
      { name: "waiting", x: 0, width: waiting, seconds: waited_s },
      { name: "talking", x: waiting, width: width - waiting, seconds: talked_s },
    ],
    segments: turns.map((turn) => {
      const x = xOf(turn.start_time);
      return { turn, lane: turn.speaker, x, length: Math.max(LEAST_SEGMENT, xOf(turn.end_time) - x) };
    }),
    ticks: ticksOf(talked_s, Math.floor((width - waiting) / LEAST_TICK)).map((seconds) => ({ x: xOf(seconds), seconds })),
    xOf,
  };
}

function ticksOf(talked_s: number, most: number): number[] {
  const step = TICK_STEPS_S.find((each) => talked_s / each <= most) ?? talked_s / most;
  return Array.from({ length: Math.floor(talked_s / step) + 1 }, (_, number) => number * step);
}
