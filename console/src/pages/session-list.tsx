import { STATUSES, type Session } from "../api/objects.ts";
import { useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { hashOf, type Route } from "../route.ts";
import { clock, moment } from "../words/figures.ts";
import { languageName } from "../words/words.ts";

const PAGE_ROWS = 20;

/** Filter and page stand in the address, so that going back, reloading and sending a link keep them. */
export function SessionList({ route }: { route: Route }) {
  const api = useApi();
  const { words } = useApp();
  const text = words.sessions;
  const status = STATUSES.find((known) => known === route.query.get("status"));
  const since = dayOf(route.query.get("since"));
  const after = route.query.get("after") ?? undefined;
  const before = route.query.get("before") ?? undefined;
  const { value, error, isLoading, reload } = useFetched(
    () =>
      api.sessions({
        limit: PAGE_ROWS,
        status,
        created_after: since && new Date(`${since}T00:00`).toISOString(),
        starting_after: after,
        ending_before: before,
      }),
    [api, status, since, after, before],
  );
  const show = (query: Record<string, string | undefined>) => {
    location.hash = hashOf("sessions", undefined, query);
  };
  const rows = value?.data ?? [];
  // Asked backwards, `has_more` speaks of what is newer still; behind the page is then what one came from.
  const hasNewer = before ? value?.has_more : Boolean(after);
  const hasOlder = before ? true : value?.has_more;
  return (
    <>
      <div class="row">
        <label for="status">{text.status}</label>
        <select id="status" value={status ?? ""} onChange={(event) => show({ status: event.currentTarget.value, since })}>
          <option value="">{text.anyStatus}</option>
          {STATUSES.map((each) => (
            <option key={each} value={each}>
              {text.statuses[each]}
            </option>
          ))}
        </select>
        <label for="since">{text.since}</label>
        <input
          id="since"
          type="date"
          value={since ?? ""}
          onChange={(event) => show({ status, since: event.currentTarget.value })}
        />
        <button type="button" onClick={reload}>
          {text.refresh}
        </button>
      </div>
      <Problem error={error} />
      <div aria-busy={isLoading}>
        {rows.length > 0 && <Table rows={rows} />}
        {value && rows.length === 0 && <p class="empty">{text.empty}</p>}
        {!value && isLoading && <p class="empty">{words.loading}</p>}
      </div>
      {(hasNewer || hasOlder) && rows.length > 0 && (
        <div class="row">
          <button type="button" disabled={!hasNewer} onClick={() => show({ status, since, before: rows[0]?.id })}>
            {words.newer}
          </button>
          <button type="button" disabled={!hasOlder} onClick={() => show({ status, since, after: rows.at(-1)?.id })}>
            {words.older}
          </button>
        </div>
      )}
    </>
  );
}

/** A day of this machine's zone, as a field for dates has it. Undefined for what is none. */
function dayOf(text: string | null): string | undefined {
  return text && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

function Table({ rows }: { rows: Session[] }) {
  const { words, language } = useApp();
  const text = words.sessions;
  return (
    <table class="stacked">
      <caption>{text.list}</caption>
      <thead>
        <tr>
          <th scope="col">{text.session}</th>
          <th scope="col">{text.status}</th>
          <th scope="col">{text.languages}</th>
          <th scope="col">{text.mode}</th>
          <th scope="col">{text.duration}</th>
          <th scope="col">{text.created}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((session) => (
          <tr key={session.id}>
            <th scope="row">
              <a href={hashOf("sessions", session.id)}>
                <code>{session.id}</code>
              </a>
            </th>
            <td data-label={text.status}>
              <StatusMark status={session.status} />
            </td>
            <td data-label={text.languages}>
              {languageName(session.source_language, language)} → {languageName(session.target_language, language)}
            </td>
            <td data-label={text.mode}>{text.modes[session.mode] ?? session.mode}</td>
            <td data-label={text.duration}>{clock(session.duration ?? 0)}</td>
            <td data-label={text.created}>{moment(session.created_at, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
