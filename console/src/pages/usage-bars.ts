import type { Meters } from "../api/objects.ts";
import { clock } from "../words/figures.ts";

export interface Bar {
  day: string;
  label: string;
  x: number;
  /** Of each of the two bars of a day. */
  width: number;
  active: number;
  translation: number;
}

/** Two bars a day, in the units of a picture of this size; the longest day reaches the top. */
export function barsOf(days: readonly (Meters & { date: string })[], width: number, height: number): Bar[] {
  const longest = Math.max(1, ...days.flatMap((day) => [day.active_seconds, day.translation_seconds]));
  const place = width / Math.max(1, days.length);
  return days.map((day, number) => ({
    day: day.date,
    label: `${clock(day.active_seconds)} / ${clock(day.translation_seconds)}`,
    x: (number + 0.1) * place,
    width: place * 0.4,
    active: (day.active_seconds / longest) * height,
    translation: (day.translation_seconds / longest) * height,
  }));
}
