import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app.ts";
import { KeyForm } from "../parts/key-form.tsx";
import { hashOf } from "../route.ts";

/** What the front door knows of the stack behind it; where nothing tells, only what the address itself says. */
interface Facts {
  api_url: string;
  stream_url?: string;
  events_url?: string;
  curl?: string;
}

export function Start() {
  const { api, words } = useApp();
  const facts = useFacts();
  const text = words.start;
  return (
    <>
      <p class="lead">{text.lead}</p>
      {api ? (
        <p class="row">
          <a class="button main" href={hashOf("talk")}>
            {text.toTalk}
          </a>
          <a class="button" href={hashOf("sessions")}>
            {text.toSessions}
          </a>
        </p>
      ) : (
        <KeyForm />
      )}
      <h2>{text.addresses}</h2>
      <dl class="facts">
        <dt>{text.restApi}</dt>
        <dd>
          <code>{facts.api_url}</code>
        </dd>
        <dt>{text.documents}</dt>
        <dd>
          <a href="/v1/docs">{text.documentsLink}</a>
        </dd>
        {facts.stream_url && (
          <>
            <dt>{text.streams}</dt>
            <dd>
              <code>{`${facts.stream_url}/v1/sessions/{id}/connect`}</code>
            </dd>
          </>
        )}
        {facts.events_url && (
          <>
            <dt>{text.events}</dt>
            <dd>
              <code>{facts.events_url}</code>
            </dd>
          </>
        )}
        {facts.curl && (
          <>
            <dt>{text.keyIs}</dt>
            <dd>{text.keyPlace}</dd>
          </>
        )}
      </dl>
      {facts.curl && (
        <>
          <h2>{text.firstCall}</h2>
          <pre tabIndex={0}>{facts.curl}</pre>
        </>
      )}
    </>
  );
}

function useFacts(): Facts {
  const [facts, setFacts] = useState<Facts>({ api_url: `${location.origin}/v1` });
  useEffect(() => {
    fetch("console.json")
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((found) => found?.api_url && setFacts(found))
      .catch(() => undefined);
  }, []);
  return facts;
}
