import { useState } from "preact/hooks";
import type { Usage } from "../api/objects.ts";
import { useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { clock } from "../words/figures.ts";
import { barsOf } from "./usage-bars.ts";

const DAYS = 30;
const DAY_MS = 86_400_000;
const WIDTH = 960;
const HEIGHT = 180;

export function UsagePage() {
  const api = useApi();
  const { words } = useApp();
  const text = words.usage;
  const [range, setRange] = useState(() => lastDays(Date.now()));
  const { value, error, isLoading } = useFetched(() => api.usage(range), [api, range]);

  function choose(event: SubmitEvent) {
    event.preventDefault();
    const asked = new FormData(event.currentTarget as HTMLFormElement);
    setRange({ from: String(asked.get("from")), to: String(asked.get("to")) });
  }

  return (
    <>
      <p class="lead">{text.lead}</p>
      <form class="row" onSubmit={choose}>
        <label for="from">{text.from}</label>
        <input id="from" name="from" type="date" required defaultValue={range.from} />
        <label for="to">{text.to}</label>
        <input id="to" name="to" type="date" required defaultValue={range.to} />
        <button>{text.show}</button>
      </form>
      <Problem error={error} />
      {value ? <Days usage={value} /> : isLoading && <p class="empty">{words.loading}</p>}
    </>
  );
}

function Days({ usage }: { usage: Usage }) {
  const { words } = useApp();
  const text = words.usage;
  const used = usage.data.filter((day) => day.active_seconds > 0 || day.translation_seconds > 0);
  return (
    <>
      <Chart usage={usage} />
      {used.length === 0 ? (
        <p class="empty">{text.empty}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{text.day}</th>
              <th scope="col" class="figure">
                <span class="swatch active" aria-hidden="true" /> {words.sessions.connected}
              </th>
              <th scope="col" class="figure">
                <span class="swatch translation" aria-hidden="true" /> {words.sessions.translated}
              </th>
            </tr>
          </thead>
          <tbody>
            {used.toReversed().map((day) => (
              <tr key={day.date}>
                <th scope="row">{day.date}</th>
                <td class="figure">{clock(day.active_seconds)}</td>
                <td class="figure">{clock(day.translation_seconds)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{text.total}</th>
              <td class="figure">{clock(usage.total.active_seconds)}</td>
              <td class="figure">{clock(usage.total.translation_seconds)}</td>
            </tr>
          </tfoot>
        </table>
      )}
    </>
  );
}

/** The table says the same in figures; the picture is for the eye. */
function Chart({ usage }: { usage: Usage }) {
  const { words } = useApp();
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT + 20}`} role="img" aria-label={words.usage.chart}>
      {barsOf(usage.data, WIDTH, HEIGHT).map((bar) => (
        <g key={bar.day}>
          <title>{`${bar.day}: ${bar.label}`}</title>
          <rect class="active" x={bar.x} y={HEIGHT - bar.active} width={bar.width} height={bar.active} />
          <rect
            class="translation"
            x={bar.x + bar.width}
            y={HEIGHT - bar.translation}
            width={bar.width}
            height={bar.translation}
          />
        </g>
      ))}
      <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      <text x="0" y={HEIGHT + 15}>
        {usage.data[0]?.date}
      </text>
      <text x={WIDTH} y={HEIGHT + 15} text-anchor="end">
        {usage.data.at(-1)?.date}
      </text>
    </svg>
  );
}

function lastDays(now_ms: number): { from: string; to: string } {
  const day = (at_ms: number) => new Date(at_ms).toISOString().slice(0, 10);
  return { from: day(now_ms - (DAYS - 1) * DAY_MS), to: day(now_ms) };
}
