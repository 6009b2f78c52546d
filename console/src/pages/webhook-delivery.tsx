import { useState } from "preact/hooks";
import type { Attempt, Delivery } from "../api/webhooks.ts";
import { useAction, useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { moment } from "../words/figures.ts";

interface Shown {
  delivery: Delivery;
  onSent: () => void;
}

/** One event on its way to the endpoint; opened, its attempts and what was sent. */
export function DeliveryRow({ delivery, onSent }: Shown) {
  const { words, language } = useApp();
  const text = words.webhooks;
  const [isOpen, setOpen] = useState(false);
  return (
    <li class="delivery">
      <details onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
        <summary>
          <span class={`mark ${delivery.status}`}>{text.deliveryStatuses[delivery.status]}</span>{" "}
          <code>{delivery.event_type}</code> <span class="small">{moment(delivery.created_at, language)}</span>{" "}
          <span class="small">{text.attemptCount(delivery.attempt_count)}</span>
        </summary>
        {isOpen && <Opened delivery={delivery} onSent={onSent} />}
      </details>
    </li>
  );
}

function Opened({ delivery, onSent }: Shown) {
  const { words, language } = useApp();
  const text = words.webhooks;
  return (
    <>
      <p class="small">
        <code>{delivery.id}</code>
        {delivery.next_attempt_at && ` · ${text.nextAttempt(moment(delivery.next_attempt_at, language))}`}
      </p>
      {delivery.attempts.length > 0 && <Attempts attempts={delivery.attempts} />}
      {delivery.response?.excerpt && (
        <>
          <h3>{text.answered}</h3>
          <pre tabIndex={0}>{delivery.response.excerpt}</pre>
        </>
      )}
      <Again delivery={delivery} onSent={onSent} />
      <Payload eventId={delivery.event_id} />
    </>
  );
}

function Attempts({ attempts }: { attempts: Attempt[] }) {
  const { words, language } = useApp();
  const text = words.webhooks;
  return (
    <table class="stacked">
      <caption>{text.attempts}</caption>
      <thead>
        <tr>
          <th scope="col">{text.number}</th>
          <th scope="col">{text.at}</th>
          <th scope="col">{text.outcome}</th>
          <th scope="col" class="figure">
            {text.took}
          </th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.number}>
            <th scope="row">{attempt.number}</th>
            <td data-label={text.at}>{moment(attempt.at, language)}</td>
            <td data-label={text.outcome}>
              {text.outcomes[attempt.outcome] ?? attempt.outcome}
              {attempt.response_status !== null && ` (${attempt.response_status})`}
            </td>
            <td data-label={text.took} class="figure">
              {attempt.duration_ms} ms
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** This delivery again, or its event to everybody who asks for such. */
function Again({ delivery, onSent }: Shown) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const text = words.webhooks;
  const [told, setTold] = useState("");
  const { error, isBusy, run } = useAction();
  const retry = () =>
    run(async () => {
      await webhooks.retry(delivery.id);
      setTold(text.retried);
      onSent();
    });
  const replay = () =>
    run(async () => {
      setTold(text.replayed((await webhooks.replayEvent(delivery.event_id)).data.length));
      onSent();
    });
  return (
    <>
      <div class="row">
        <button type="button" disabled={isBusy || delivery.status === "pending"} onClick={retry}>
          {text.retry}
        </button>
        <button type="button" disabled={isBusy} onClick={replay}>
          {text.replay}
        </button>
        <span class="small" role="status">
          {told}
        </span>
      </div>
      <Problem error={error} />
    </>
  );
}

function Payload({ eventId }: { eventId: string }) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const { value, error, isLoading } = useFetched(() => webhooks.event(eventId), [webhooks, eventId]);
  return (
    <>
      <h3>{words.webhooks.payload}</h3>
      <Problem error={error} />
      {!value && isLoading && <p class="empty">{words.loading}</p>}
      {value && (
        <pre class="payload" tabIndex={0} aria-label={words.webhooks.payload}>
          {JSON.stringify({ ...value, object: undefined }, null, 2)}
        </pre>
      )}
    </>
  );
}
