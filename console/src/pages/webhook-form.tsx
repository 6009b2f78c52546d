import { useState } from "preact/hooks";
import { EVERYTHING, type Endpoint, type EndpointFields } from "../api/webhooks.ts";
import { useAction, useApp } from "../app.ts";
import { EventPicker } from "../parts/event-picker.tsx";
import { Problem } from "../parts/problem.tsx";

interface Asking {
  /** What is there already. */
  endpoint?: Endpoint;
  verb: string;
  onSave: (fields: EndpointFields) => Promise<void>;
}

/** Where events go, which, and what the endpoint is for; of a new one, and of one that changes. */
export function EndpointForm({ endpoint, verb, onSave }: Asking) {
  const { words } = useApp();
  const text = words.webhooks;
  const [events, setEvents] = useState<string[]>(endpoint?.events ?? [EVERYTHING]);
  const { error, isBusy, run } = useAction();

  function save(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const asked = new FormData(form);
    const fields = { url: String(asked.get("url")).trim(), events, description: String(asked.get("description")).trim() };
    void run(async () => {
      await onSave(fields);
      if (endpoint) return;
      form.reset();
      setEvents([EVERYTHING]);
    });
  }

  return (
    <form onSubmit={save}>
      <label for="url">{text.url}</label>
      <input
        id="url"
        name="url"
        type="url"
        required
        maxLength={2048}
        autocomplete="off"
        placeholder="https://hooks.example.com/kallglot"
        defaultValue={endpoint?.url}
        aria-describedby="url-hint"
      />
      <p class="small" id="url-hint">
        {text.urlHint}
      </p>
      <label for="description">{text.description}</label>
      <input id="description" name="description" maxLength={255} autocomplete="off" defaultValue={endpoint?.description ?? ""} />
      <EventPicker chosen={events} onChoose={setEvents} />
      <Problem error={error} />
      <button class="main" disabled={isBusy || events.length === 0}>
        {verb}
      </button>
    </form>
  );
}
