/** What a call of this page can be. One more that the workers serve is one line more. */
export const MODES = ["bidirectional_translation", "assistive_translation"] as const;
export type Mode = (typeof MODES)[number];

/** Whether who is alone in it is told everything, their own translation too. Not where they would hear themselves. */
export function hearsAll(mode: Mode, isOneOfTwo: boolean): boolean {
  return !isOneOfTwo && mode === "bidirectional_translation";
}
