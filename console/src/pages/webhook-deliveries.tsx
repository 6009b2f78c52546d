import { useEffect, useState } from "preact/hooks";
import { DELIVERY_STATUSES } from "../api/webhooks.ts";
import { useApi, useApp, useFetched, useInterval } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { hashOf } from "../route.ts";
import { deliveriesOf, isSoon } from "./deliveries.ts";
import { DeliveryRow } from "./webhook-delivery.tsx";

const REFRESH_MS = 2_000;
/** What was just asked for takes a moment to appear. */
const EXPECTED_MS = 60_000;

interface Listed {
  endpointId: string;
  query: URLSearchParams;
  /** Grows with whatever makes deliveries. */
  sent: number;
}

/** What became of what the endpoint was told. Filter and page stand in the address. */
export function Deliveries({ endpointId, query, sent }: Listed) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const text = words.webhooks;
  const status = DELIVERY_STATUSES.find((known) => known === query.get("status"));
  const after = query.get("after") ?? undefined;
  const { value, error, isLoading, reload } = useFetched(
    () => deliveriesOf(webhooks, endpointId, status, after),
    [webhooks, endpointId, status, after, sent],
  );
  const [again, setAgain] = useState(0);
  const isExpected = useExpected(sent + again);
  useInterval(reload, REFRESH_MS, isExpected || isSoon(value?.deliveries ?? [], Date.now()));
  const show = (asked: Record<string, string | undefined>) => {
    location.hash = hashOf("webhooks", endpointId, asked);
  };
  return (
    <section aria-labelledby="deliveries">
      <div class="row">
        <h2 id="deliveries">{text.deliveries}</h2>
        <label for="status">{text.status}</label>
        <select id="status" value={status ?? ""} onChange={(event) => show({ status: event.currentTarget.value })}>
          <option value="">{words.sessions.anyStatus}</option>
          {DELIVERY_STATUSES.map((each) => (
            <option key={each} value={each}>
              {text.deliveryStatuses[each]}
            </option>
          ))}
        </select>
        <button type="button" onClick={reload}>
          {words.sessions.refresh}
        </button>
      </div>
      <Problem error={error} />
      {!value && isLoading && <p class="empty">{words.loading}</p>}
      {value?.deliveries.length === 0 && <p class="empty">{status ? text.noneOfStatus(value.looked) : text.noDeliveries}</p>}
      <ul class="lines">
        {value?.deliveries.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} onSent={() => setAgain((before) => before + 1)} />
        ))}
      </ul>
      {(after || value?.next) && (
        <div class="row">
          <button type="button" disabled={!after} onClick={() => show({ status })}>
            {text.newest}
          </button>
          <button type="button" disabled={!value?.next} onClick={() => show({ status, after: value?.next ?? undefined })}>
            {words.older}
          </button>
        </div>
      )}
    </section>
  );
}

/** For a while after each change of `count`, and not before the first. */
function useExpected(count: number): boolean {
  const [isExpected, setExpected] = useState(false);
  useEffect(() => {
    if (count === 0) return;
    setExpected(true);
    const timer = setTimeout(() => setExpected(false), EXPECTED_MS);
    return () => clearTimeout(timer);
  }, [count]);
  return isExpected;
}
