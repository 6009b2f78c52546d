import { useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import type { Mode } from "../talk/modes.ts";

interface Choosing {
  mode: Mode;
  id: string;
  prompt: string;
  onChoose: (id: string) => void;
  onDescribe: (prompt: string) => void;
}

/** Which agent is on the other side: one that is kept, or what is typed here. */
export function AgentChoice({ mode, id, prompt, onChoose, onDescribe }: Choosing) {
  const api = useApi();
  const { words } = useApp();
  const text = words.talk.agent;
  const agents = useFetched(() => api.agents(), [api]);
  return (
    <>
      <Problem error={agents.error} />
      <label for="agent">{text.which}</label>
      <select id="agent" value={id} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{text.own}</option>
        {agents.value?.data.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
      {!id && (
        <>
          <label for="prompt">{text.prompt}</label>
          <textarea
            id="prompt"
            rows={3}
            maxLength={20_000}
            required={mode === "ai_agent"}
            aria-describedby="prompt-hint"
            value={prompt}
            onInput={(event) => onDescribe(event.currentTarget.value)}
          />
          <p class="small" id="prompt-hint">
            {text.promptHint}
          </p>
        </>
      )}
    </>
  );
}
