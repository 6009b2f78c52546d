import { useState } from "preact/hooks";
import { useAction, useApi, useApp } from "../app.ts";
import { Problem } from "../parts/problem.tsx";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Replaying {
  endpointId: string;
  onSent: () => void;
}

/** All that happened in a stretch of time, once more, to this endpoint. */
export function ReplayStretch({ endpointId, onSent }: Replaying) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const text = words.webhooks;
  const [count, setCount] = useState<number | null>(null);
  const [from] = useState(() => localTime(Date.now() - HOUR_MS));
  const { error, isBusy, run } = useAction();

  function send(event: SubmitEvent) {
    event.preventDefault();
    const asked = new FormData(event.currentTarget as HTMLFormElement);
    const [since, until] = ["from", "to"].map((name) => String(asked.get(name)));
    void run(async () => {
      setCount(null);
      const answer = await webhooks.replay(endpointId, {
        from: new Date(since ?? "").toISOString(),
        ...(until ? { to: new Date(until).toISOString() } : {}),
        only_failed: asked.has("only_failed"),
      });
      setCount(answer.event_count);
      onSent();
    });
  }

  return (
    <details class="card">
      <summary>{text.stretch}</summary>
      <p class="small">{text.stretchHint}</p>
      <form onSubmit={send}>
        <div class="row">
          <label for="from">{text.from}</label>
          <input id="from" name="from" type="datetime-local" required defaultValue={from} />
          <label for="to">{text.to}</label>
          <input id="to" name="to" type="datetime-local" />
          <label class="row">
            <input type="checkbox" name="only_failed" />
            {text.onlyFailed}
          </label>
        </div>
        <Problem error={error} />
        <button class="main" disabled={isBusy}>
          {text.stretchSend}
        </button>
      </form>
      <p class="small" role="status">
        {count !== null && text.stretchSent(count)}
      </p>
    </details>
  );
}

/** As a field for a date and time wants it: of this machine's zone, without saying so. */
function localTime(at_ms: number): string {
  const zone_ms = new Date(at_ms).getTimezoneOffset() * MINUTE_MS;
  return new Date(at_ms - zone_ms).toISOString().slice(0, 16);
}
