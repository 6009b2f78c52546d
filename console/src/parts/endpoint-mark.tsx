import type { Endpoint } from "../api/webhooks.ts";
import { useApp } from "../app.ts";

export function EndpointMark({ endpoint }: { endpoint: Endpoint }) {
  const { words } = useApp();
  const text = words.webhooks;
  return (
    <>
      <span class={`mark ${endpoint.status}`}>{text.statuses[endpoint.status]}</span>
      {endpoint.disabled_reason && <span class="small"> {text.reasons[endpoint.disabled_reason]}</span>}
    </>
  );
}
