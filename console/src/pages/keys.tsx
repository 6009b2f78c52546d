import { useState } from "preact/hooks";
import { SCOPES, type ApiKey } from "../api/objects.ts";
import { useAction, useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { Question } from "../parts/question.tsx";
import { Secret } from "../parts/secret.tsx";
import { hashOf, type Route } from "../route.ts";
import { moment } from "../words/figures.ts";
import { stateOf } from "./key-state.ts";

const PAGE_ROWS = 50;

export function Keys({ route }: { route: Route }) {
  const api = useApi();
  const { words } = useApp();
  const after = route.query.get("after") ?? undefined;
  const { value, error, isLoading, reload } = useFetched(
    () => api.keys({ limit: PAGE_ROWS, starting_after: after }),
    [api, after],
  );
  return (
    <>
      <p class="lead">{words.keys.lead}</p>
      <NewKey onCreated={reload} />
      <Problem error={error} />
      {value ? <Table keys={value.data} onRevoked={reload} /> : isLoading && <p class="empty">{words.loading}</p>}
      {value?.has_more && (
        <a class="button" href={hashOf("keys", undefined, { after: value.data.at(-1)?.id })}>
          {words.older}
        </a>
      )}
    </>
  );
}

function Table({ keys, onRevoked }: { keys: ApiKey[]; onRevoked: () => void }) {
  const api = useApi();
  const { words, language } = useApp();
  const text = words.keys;
  const [asked, setAsked] = useState<ApiKey | null>(null);
  const { error, run } = useAction();

  function revoke(key: ApiKey) {
    setAsked(null);
    void run(async () => {
      await api.revokeKey(key.id);
      onRevoked();
    });
  }

  return (
    <>
      <Problem error={error} />
      <table class="stacked">
        <thead>
          <tr>
            <th scope="col">{text.name}</th>
            <th scope="col">{text.state}</th>
            <th scope="col">{text.scopes}</th>
            <th scope="col">{text.created}</th>
            <th scope="col">
              <span class="hidden">{text.revoke}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const state = stateOf(key, Date.now());
            return (
              <tr key={key.id}>
                <th scope="row">
                  {key.name ?? "–"} <code>…{key.last_four}</code>
                </th>
                <td data-label={text.state}>
                  {text[state]}, {key.livemode ? text.live : text.test}
                  {key.last_four === api.hint && state === "valid" && <span class="small"> ({text.inUse})</span>}
                </td>
                <td data-label={text.scopes} class="small">
                  {key.scopes.join(", ")}
                </td>
                <td data-label={text.created}>{moment(key.created_at, language)}</td>
                <td>
                  {state === "valid" && (
                    <button
                      type="button"
                      aria-label={`${text.revoke}: ${nameOf(key)}`}
                      onClick={() => setAsked(key)}
                    >
                      {text.revoke}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {asked && (
        <Question
          text={text.revokeQuestion(nameOf(asked))}
          yes={text.revoke}
          onYes={() => revoke(asked)}
          onNo={() => setAsked(null)}
        />
      )}
    </>
  );
}

function NewKey({ onCreated }: { onCreated: () => void }) {
  const api = useApi();
  const { words } = useApp();
  const text = words.keys;
  const [made, setMade] = useState<string | null>(null);
  const { error, isBusy, run } = useAction();

  function create(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const asked = new FormData(form);
    void run(async () => {
      const answer = await api.createKey({
        name: String(asked.get("name")).trim(),
        scopes: asked.getAll("scope").map(String),
      });
      setMade(answer.key);
      form.reset();
      onCreated();
    });
  }

  return (
    <details class="card">
      <summary>{text.create}</summary>
      <form onSubmit={create}>
        <label for="name">{text.newName}</label>
        <input id="name" name="name" required maxLength={100} autocomplete="off" />
        <fieldset>
          <legend>{text.scopes}</legend>
          <div class="choices">
            {SCOPES.map((scope) => (
              <label key={scope}>
                <input type="checkbox" name="scope" value={scope} defaultChecked={scope.startsWith("sessions:")} />{" "}
                <code>{scope}</code>
              </label>
            ))}
          </div>
        </fieldset>
        <Problem error={error} />
        <button class="main" disabled={isBusy}>
          {text.create}
        </button>
      </form>
      {made && <Secret title={text.createdTitle} hint={text.createdHint} secret={made} />}
    </details>
  );
}

function nameOf(key: ApiKey): string {
  return key.name ?? `…${key.last_four}`;
}
