import type { Turn } from "../api/objects.ts";

/** What is being said at this moment of the recording; of several at once, who began last. Null in a silence. */
export function turnAt(turns: readonly Turn[], position_s: number): Turn | null {
  return turns.findLast((turn) => turn.start_time <= position_s && position_s < turn.end_time) ?? null;
}
