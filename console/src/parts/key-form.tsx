import { useState } from "preact/hooks";
import { Api } from "../api/client.ts";
import { useApp } from "../app.ts";
import { Problem } from "./problem.tsx";

/** Asks for a key, and lets it in when the API knows it. */
export function KeyForm() {
  const { words, setApi } = useApp();
  const [error, setError] = useState<unknown>(null);
  const [isChecking, setChecking] = useState(false);

  async function check(event: SubmitEvent) {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("key") as HTMLInputElement;
    const api = new Api(field.value.trim());
    setChecking(true);
    setError(null);
    try {
      await api.sessions({ limit: 1 });
      setApi(api);
    } catch (refusal) {
      setError(refusal);
      setChecking(false);
      field.focus();
    }
  }

  return (
    <form class="card narrow" onSubmit={check} autocomplete="off">
      <label for="key">{words.key.label}</label>
      <input
        id="key"
        name="key"
        type="password"
        required
        autocomplete="off"
        spellcheck={false}
        placeholder="sk_test_…"
        aria-describedby="key-hint"
      />
      <p class="small" id="key-hint">
        {words.key.hint}
      </p>
      <Problem error={error} />
      <button class="main" disabled={isChecking}>
        {isChecking ? words.key.checking : words.key.use}
      </button>
    </form>
  );
}
