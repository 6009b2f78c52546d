import { useState } from "preact/hooks";
import type { Endpoint } from "../api/webhooks.ts";
import { useAction, useApi, useApp, useFetched, useInterval } from "../app.ts";
import { EndpointMark } from "../parts/endpoint-mark.tsx";
import { Fact } from "../parts/fact.tsx";
import { Problem } from "../parts/problem.tsx";
import { Question } from "../parts/question.tsx";
import { hashOf, type Route } from "../route.ts";
import { moment } from "../words/figures.ts";
import { Deliveries } from "./webhook-deliveries.tsx";
import { EndpointForm } from "./webhook-form.tsx";
import { ReplayStretch } from "./webhook-replay.tsx";
import { RotateSecret, SecretState } from "./webhook-secret.tsx";

/** An endpoint that answers badly is disabled by the API itself. */
const REFRESH_MS = 10_000;

/** One endpoint: what it is told, its secret, what became of what it was told. */
export function WebhookDetail({ route }: { route: Route }) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const id = route.id ?? "";
  const { value, error, isLoading, reload } = useFetched(() => webhooks.endpoint(id), [webhooks, id]);
  useInterval(reload, REFRESH_MS, value !== null);
  // Grows with whatever makes deliveries, so that they are asked for again.
  const [sent, setSent] = useState(0);
  const onSent = () => setSent((before) => before + 1);
  return (
    <>
      <p class="row">
        <a href={hashOf("webhooks")}>← {words.webhooks.back}</a>
        <code>{id}</code>
      </p>
      <Problem error={error} />
      {!value && isLoading && <p class="empty">{words.loading}</p>}
      {value && (
        <>
          <EndpointFacts endpoint={value} />
          <Actions endpoint={value} onChanged={reload} onSent={onSent} />
          <Editing key={value.id} endpoint={value} onChanged={reload} />
          <ReplayStretch endpointId={id} onSent={onSent} />
          <Deliveries endpointId={id} query={route.query} sent={sent} />
        </>
      )}
    </>
  );
}

function EndpointFacts({ endpoint }: { endpoint: Endpoint }) {
  const { words, language } = useApp();
  const text = words.webhooks;
  return (
    <dl class="facts grid">
      <Fact name={text.url}>
        <span class="long">{endpoint.url}</span>
        {endpoint.description && <div class="small">{endpoint.description}</div>}
      </Fact>
      <Fact name={text.status}>
        <EndpointMark endpoint={endpoint} />
      </Fact>
      <Fact name={text.events}>
        {endpoint.events.includes("*") ? text.allEvents : <code>{endpoint.events.join(", ")}</code>}
      </Fact>
      <Fact name={text.secret}>
        <SecretState signing={endpoint} />
      </Fact>
      <Fact name={text.created}>{moment(endpoint.created_at, language)}</Fact>
    </dl>
  );
}

interface Acting {
  endpoint: Endpoint;
  onChanged: () => void;
  onSent: () => void;
}

function Actions({ endpoint, onChanged, onSent }: Acting) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const text = words.webhooks;
  const [isTested, setTested] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const { error, isBusy, run } = useAction();
  const isEnabled = endpoint.status === "enabled";

  const test = () =>
    run(async () => {
      await webhooks.test(endpoint.id);
      setTested(true);
      onSent();
    });
  const turn = () =>
    run(async () => {
      await webhooks.change(endpoint.id, { status: isEnabled ? "disabled" : "enabled" });
      onChanged();
    });
  const remove = () => {
    setAsking(false);
    void run(async () => {
      await webhooks.remove(endpoint.id);
      location.hash = hashOf("webhooks");
    });
  };

  return (
    <>
      <div class="row">
        <button type="button" disabled={isBusy} onClick={test}>
          {text.test}
        </button>
        <button type="button" disabled={isBusy} onClick={turn}>
          {isEnabled ? text.disable : text.enable}
        </button>
        <RotateSecret rotate={(overlap_s) => webhooks.rotate(endpoint.id, overlap_s)} onRotated={onChanged} />
        <button type="button" class="danger" disabled={isBusy} onClick={() => setAsking(true)}>
          {text.remove}
        </button>
      </div>
      <p class="small" role="status">
        {isTested && text.tested}
      </p>
      <Problem error={error} />
      {isAsking && (
        <Question text={text.removeQuestion(endpoint.url)} yes={text.remove} onYes={remove} onNo={() => setAsking(false)} />
      )}
    </>
  );
}

function Editing({ endpoint, onChanged }: Omit<Acting, "onSent">) {
  const { webhooks } = useApi();
  const { words } = useApp();
  const [isSaved, setSaved] = useState(false);
  return (
    <details class="card">
      <summary>{words.webhooks.edit}</summary>
      <EndpointForm
        endpoint={endpoint}
        verb={words.webhooks.save}
        onSave={async (fields) => {
          setSaved(false);
          await webhooks.change(endpoint.id, fields);
          setSaved(true);
          onChanged();
        }}
      />
      <p class="small" role="status">
        {isSaved && words.webhooks.saved}
      </p>
    </details>
  );
}
