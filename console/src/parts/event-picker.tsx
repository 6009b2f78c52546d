import { EVENT_FILTERS, EVERYTHING } from "../api/webhooks.ts";
import { useApp } from "../app.ts";
import { isCovered, toggled } from "./event-filters.ts";

interface Picking {
  chosen: readonly string[];
  onChoose: (chosen: string[]) => void;
}

/** Which events an endpoint is told: all, all of a noun, or single types. */
export function EventPicker({ chosen, onChoose }: Picking) {
  const { words } = useApp();
  return (
    <fieldset>
      <legend>{words.webhooks.events}</legend>
      <label>
        <input type="checkbox" checked={chosen.includes(EVERYTHING)} onChange={() => onChoose(toggled(chosen, EVERYTHING))} />{" "}
        {words.webhooks.allEvents}
      </label>
      {!chosen.includes(EVERYTHING) && (
        <div class="choices">
          {EVENT_FILTERS.map((filter) => {
            const covered = isCovered(chosen, filter);
            return (
              <label key={filter} class={filter.endsWith("*") ? "group" : ""}>
                <input
                  type="checkbox"
                  checked={covered || chosen.includes(filter)}
                  disabled={covered}
                  onChange={() => onChoose(toggled(chosen, filter))}
                />{" "}
                <code>{filter}</code>
              </label>
            );
          })}
        </div>
      )}
    </fieldset>
  );
}
