import { useState } from "preact/hooks";
import type { Session, Turn } from "../api/objects.ts";
import { useApi, useApp, useFetched, useInterval } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { Question } from "../parts/question.tsx";
import { hashOf, type Route } from "../route.ts";
import { RecordingPlayer, usePlayer } from "./session-recording.tsx";
import { SessionFacts } from "./session-facts.tsx";
import { LiveWords } from "./session-live.tsx";
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
  const transcript = useFetched(() => api.transcript(id), [api, id, status]);
  const isRunning = status !== undefined && status !== "ended";
  useInterval(
    () => {
      session.reload();
      transcript.reload();
    },
    REFRESH_MS,
    isRunning,
  );
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
          {isRunning && <EndButton session={session.value} onEnded={session.reload} />}
          <RecordingPlayer session={session.value} player={player} />
          <Problem error={transcript.error} />
          <TranscriptLines
            id={id}
            turns={transcript.value?.turns ?? NO_TURNS}
            isRunning={isRunning}
            player={player}
          />
          {isRunning && <LiveWords session={session.value} turns={transcript.value?.turns ?? NO_TURNS} />}
        </>
      ) : (
        session.isLoading && <p class="empty">{words.loading}</p>
      )}
    </>
  );
}

function EndButton({ session, onEnded }: { session: Session; onEnded: () => void }) {
  const api = useApi();
  const { words } = useApp();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function end() {
    setAsking(false);
    try {
      await api.end(session.id);
      setError(null);
      onEnded();
    } catch (refusal) {
      setError(refusal);
    }
  }

  return (
    <>
      <button type="button" class="danger" onClick={() => setAsking(true)}>
        {words.sessions.end}
      </button>
      <Problem error={error} />
      {isAsking && (
        <Question
          text={words.sessions.endQuestion}
          yes={words.sessions.endYes}
          onYes={end}
          onNo={() => setAsking(false)}
        />
      )}
    </>
  );
}
