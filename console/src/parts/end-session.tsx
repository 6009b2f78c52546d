import { useState } from "preact/hooks";
import { useAction, useApi, useApp } from "../app.ts";
import { Problem } from "./problem.tsx";
import { Question } from "./question.tsx";

interface Ending {
  sessionId: string;
  onEnded: () => void;
}

/** Ends it for everybody in it, once the reader has said yes. */
export function EndSession({ sessionId, onEnded }: Ending) {
  const api = useApi();
  const { words } = useApp();
  const [isAsking, setAsking] = useState(false);
  const { error, isBusy, run } = useAction();

  function end() {
    setAsking(false);
    void run(async () => {
      await api.end(sessionId);
      onEnded();
    });
  }

  return (
    <>
      <button type="button" class="danger" disabled={isBusy} onClick={() => setAsking(true)}>
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
