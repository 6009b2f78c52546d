import { useState } from "preact/hooks";
import type { Endpoint } from "../api/webhooks.ts";
import { useApi, useApp, useFetched } from "../app.ts";
import { EndpointMark } from "../parts/endpoint-mark.tsx";
import { Problem } from "../parts/problem.tsx";
import { Secret } from "../parts/secret.tsx";
import { hashOf } from "../route.ts";
import { moment } from "../words/figures.ts";
import { EndpointForm } from "./webhook-form.tsx";
import { RotateSecret, SecretState } from "./webhook-secret.tsx";

/** There may be sixteen. */
const PAGE_ROWS = 100;

export function Webhooks() {
  const { webhooks } = useApi();
  const { words } = useApp();
  const { value, error, isLoading, reload } = useFetched(() => webhooks.endpoints(PAGE_ROWS), [webhooks]);
  return (
    <>
      <p class="lead">{words.webhooks.lead}</p>
      <NewEndpoint onCreated={reload} />
      <Problem error={error} />
      {value && value.data.length > 0 && <Table endpoints={value.data} />}
      {value?.data.length === 0 && <p class="empty">{words.webhooks.empty}</p>}
      {!value && isLoading && <p class="empty">{words.loading}</p>}
      <SessionUrls />
    </>
  );
}

function NewEndpoint({ onCreated }: { onCreated: () => void }) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <details class="card">
      <summary>{words.webhooks.create}</summary>
      <EndpointForm
        verb={words.webhooks.create}
        onSave={async (fields) => {
          setSecret((await webhooks.create(fields)).secret);
          onCreated();
        }}
      />
      {secret && <Secret title={words.webhooks.secretTitle} hint={words.webhooks.secretHint} secret={secret} />}
    </details>
  );
}

function Table({ endpoints }: { endpoints: Endpoint[] }) {
  const { words, language } = useApp();
  const text = words.webhooks;
  return (
    <table class="stacked">
      <caption>{text.list}</caption>
      <thead>
        <tr>
          <th scope="col">{text.url}</th>
          <th scope="col">{text.status}</th>
          <th scope="col">{text.events}</th>
          <th scope="col">{text.created}</th>
        </tr>
      </thead>
      <tbody>
        {endpoints.map((endpoint) => (
          <tr key={endpoint.id}>
            <th scope="row" class="long">
              <a href={hashOf("webhooks", endpoint.id)}>{endpoint.url}</a>
              {endpoint.description && <div class="small">{endpoint.description}</div>}
            </th>
            <td data-label={text.status}>
              <EndpointMark endpoint={endpoint} />
            </td>
            <td data-label={text.events} class="small">
              {endpoint.events.includes("*") ? text.allEvents : endpoint.events.join(", ")}
            </td>
            <td data-label={text.created}>{moment(endpoint.created_at, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One secret signs what goes to all URLs that sessions brought along. */
function SessionUrls() {
  const { webhooks } = useApi();
  const { words } = useApp();
  const { value, error, reload } = useFetched(() => webhooks.sessionSecret(), [webhooks]);
  return (
    <section aria-labelledby="session-urls">
      <h2 id="session-urls">{words.webhooks.sessionUrls}</h2>
      <p class="small">{words.webhooks.sessionUrlsHint}</p>
      <Problem error={error} />
      {value && (
        <>
          <p>
            <SecretState signing={value} />
          </p>
          <RotateSecret rotate={webhooks.rotateSessionSecret} onRotated={reload} />
        </>
      )}
    </section>
  );
}
