import { useApp } from "../app.ts";
import { KeyForm } from "../parts/key-form.tsx";
import { hashOf } from "../route.ts";

export function Start() {
  const { api, words, facts } = useApp();
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
