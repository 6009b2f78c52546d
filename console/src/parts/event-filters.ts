import { EVERYTHING } from "../api/webhooks.ts";

/** What covers this type of event, beside its own name. */
const groupOf = (filter: string) => `${filter.split(".")[0]}.*`;

/** Whether another of the chosen ones asks for it already. */
export function isCovered(chosen: readonly string[], filter: string): boolean {
  return chosen.includes(EVERYTHING) || (filter !== groupOf(filter) && chosen.includes(groupOf(filter)));
}

/** With this one chosen or not; what it covers is not said twice. */
export function toggled(chosen: readonly string[], filter: string): string[] {
  if (chosen.includes(filter)) return chosen.filter((each) => each !== filter);
  const others = chosen.filter((each) => !isCovered([filter], each));
  return [...others, filter];
}
