import { useState } from "preact/hooks";
import { useApi, useApp, useFetched, useInterval } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { hashOf, type Route } from "../route.ts";
import { elapsed_s, runningSessions, type Running } from "../talk/running.ts";
import type { Heard } from "../talk/watching.ts";
import { clock } from "../words/figures.ts";
import { languageName } from "../words/words.ts";
import { LiveSession } from "./live-session.tsx";
import { useWatched } from "./use-watched.ts";

/** New sessions are looked for so often; what is said in known ones, and their end, comes by itself. */
const LOOK_MS = 4_000;
const TICK_MS = 1_000;

/** The sessions that run now, and one of them word by word. */
export function Live({ route }: { route: Route }) {
  const api = useApi();
  const { words, facts } = useApp();
  const { value, error, isLoading, reload } = useFetched(() => runningSessions(api, () => performance.now()), [api]);
  useInterval(reload, LOOK_MS, true);
  const [now_ms, setNow] = useState(() => performance.now());
  useInterval(() => setNow(performance.now()), TICK_MS, true);
  const listed = value?.sessions.map((session) => session.id) ?? [];
  // The chosen one comes first, and stays when it has ended: what was said in it can still be read.
  const heard = useWatched(route.id ? [route.id, ...listed.filter((id) => id !== route.id)] : listed, reload);
  return (
    <>
      <p class="lead">{words.live.lead}</p>
      {!facts.events_url && <p class="note">{words.live.noSocket}</p>}
      <Problem error={error} />
      {!value && isLoading && <p class="empty">{words.loading}</p>}
      {value && (
        <div class="watching">
          <section aria-labelledby="running">
            <h2 id="running">{words.live.list}</h2>
            {value.sessions.length === 0 && <p class="empty">{words.live.empty}</p>}
            <Cards running={value} now_ms={now_ms} heard={heard} chosen={route.id} />
            {value.hasMore && <p class="small">{words.live.more}</p>}
          </section>
          {route.id ? (
            <LiveSession
              key={route.id}
              id={route.id}
              running={value}
              now_ms={now_ms}
              captions={heard.get(route.id) ?? []}
              onEnded={reload}
            />
          ) : (
            value.sessions.length > 0 && <p class="empty">{words.live.choose}</p>
          )}
        </div>
      )}
    </>
  );
}

interface Listed {
  running: Running;
  now_ms: number;
  heard: Heard;
  chosen: string | null;
}

function Cards({ running, now_ms, heard, chosen }: Listed) {
  const { language } = useApp();
  return (
    <ul class="cards">
      {running.sessions.map((session) => {
        const last = heard.get(session.id)?.at(-1);
        return (
          <li key={session.id} class={session.id === chosen ? "chosen" : ""}>
            <div class="row">
              <a href={hashOf("live", session.id)} aria-current={session.id === chosen || undefined}>
                {languageName(session.source_language, language)} → {languageName(session.target_language, language)}
              </a>
              <StatusMark status={session.status} />
              <span class="elapsed">{clock(elapsed_s(session, running.at_ms, now_ms))}</span>
            </div>
            <p class="small last" lang={last?.language}>
              {last?.text ?? session.id}
            </p>
          </li>
        );
      })}
    </ul>
  );
}
