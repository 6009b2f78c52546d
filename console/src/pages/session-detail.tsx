import type { Turn } from "../api/objects.ts";
import { useApi, useApp, useFetched, useInterval } from "../app.ts";
import { EndSession } from "../parts/end-session.tsx";
import { Problem } from "../parts/problem.tsx";
import { hashOf, type Route } from "../route.ts";
import { RecordingPlayer, usePlayer } from "./session-recording.tsx";
import { SessionFacts } from "./session-facts.tsx";
import { LiveWords } from "./session-live.tsx";
import { SessionTimeline } from "./session-timeline.tsx";
import { TranscriptLines } from "./session-transcript.tsx";

const REFRESH_MS = 3_000;
const NO_TURNS: Turn[] = [];

/** One session: its course, its transcript, its recording. While it runs it is asked for again and again. */
export function SessionDetail({ route }: { route: Route }) {
  const api = useApi();
  const { words } = useApp();
  const id = route.id ?? "";
  const session = useFetched(() => api.session(id), [api, id]);
  const status = session.value?.status;
  const transcript = useFetched(() => api.transcript(id), [api, id]);
  const turns = transcript.value?.turns ?? NO_TURNS;
  const isRunning = status !== undefined && status !== "ended";
  useInterval(session.reload, REFRESH_MS, isRunning);
  // Once more after the end, for what was said last.
  useInterval(transcript.reload, REFRESH_MS, isRunning || transcript.value?.status === "in_progress");
  const player = usePlayer();
  return (
    <>
      <p class="row">
        <a href={hashOf("sessions")}>← {words.sessions.back}</a>
        <code>{id}</code>
      </p>
      <Problem error={session.error} />
      {session.value ? (
        <>
          <SessionFacts session={session.value} />
          {isRunning && <EndSession sessionId={id} onEnded={session.reload} />}
          <SessionTimeline session={session.value} turns={turns} player={player} />
          <RecordingPlayer session={session.value} player={player} />
          <Problem error={transcript.error} />
          {transcript.value ? (
            <TranscriptLines id={id} turns={turns} isRunning={isRunning} player={player} />
          ) : (
            transcript.isLoading && <p class="empty">{words.loading}</p>
          )}
          {isRunning && <LiveWords session={session.value} turns={turns} />}
        </>
      ) : (
        session.isLoading && <p class="empty">{words.loading}</p>
      )}
    </>
  );
}
