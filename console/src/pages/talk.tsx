import { useState } from "preact/hooks";
import type { Language } from "../api/objects.ts";
import { useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { Call, type Wanted } from "../talk/call.ts";
import { agentOf, isWithAgent, MODES, type Mode } from "../talk/modes.ts";
import { MicrophoneError } from "../talk/microphone.ts";
import { languageName } from "../words/words.ts";
import { NoMicrophone } from "./no-microphone.tsx";
import { AgentChoice } from "./talk-agent.tsx";
import { LiveCall } from "./talk-call.tsx";
import { useCall } from "./use-call.ts";

export function Talk() {
  const api = useApi();
  const { words } = useApp();
  const languages = useFetched(() => api.languages(), [api]);
  const { call, view, error, isStarting, start, again } = useCall();
  const host = (wanted: Wanted) => start((show) => Call.host(api, wanted, show));

  if (call && view) return <LiveCall call={call} view={view} onAgain={again} />;
  return (
    <>
      <p class="lead">{words.talk.lead}</p>
      <Problem error={languages.error} />
      {!languages.value && languages.isLoading && <p class="empty">{words.loading}</p>}
      {languages.value && (
        <Settings languages={languages.value.data} isStarting={isStarting} error={error} onStart={host} />
      )}
    </>
  );
}

interface Setting {
  languages: Language[];
  isStarting: boolean;
  error: unknown;
  onStart: (wanted: Wanted) => void;
}

function Settings({ languages, isStarting, error, onStart }: Setting) {
  const { words, language } = useApp();
  const text = words.talk;
  const known = languages.filter((each) => each.text || each.speech_in);
  const spoken = known.filter((each) => each.speech_in);
  const first = spoken.find((each) => each.code === language) ?? spoken[0] ?? known[0];
  const [source, setSource] = useState(first?.code ?? "");
  const [target, setTarget] = useState(partner(known, first)?.code ?? "");
  const [mode, setMode] = useState<Mode>(MODES[0]);
  const [isRecorded, setRecorded] = useState(true);
  const [isInviting, setInviting] = useState(false);
  const [agentId, setAgentId] = useState("");
  const [prompt, setPrompt] = useState(text.agent.usual);
  const [from, into] = [source, target].map((code) => known.find((each) => each.code === code));
  const fault = error instanceof MicrophoneError ? error.fault : null;
  const withAgent = isWithAgent(mode);
  const agent = agentOf(mode, agentId, prompt);
  const isSame = source === target && !withAgent;
  const start = (hasMicrophone: boolean) =>
    onStart({ mode, source, target, agent, isRecorded, isInviting, hasMicrophone });

  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        start(Boolean(from?.speech_in));
      }}
    >
      <ModeChoice mode={mode} onChoose={setMode} />
      <Choice id="source" label={text.iSpeak} value={source} known={known} onChoose={setSource} />
      <Choice
        id="target"
        label={withAgent ? text.agent.speaks : text.translateInto}
        value={target}
        known={known}
        onChoose={setTarget}
      />
      {withAgent && (
        <AgentChoice mode={mode} id={agentId} prompt={prompt} onChoose={setAgentId} onDescribe={setPrompt} />
      )}
      {isSame && <p class="note">{text.sameLanguage}</p>}
      {from && !from.speech_in && <p class="note">{text.noSpeech(languageName(source, language))}</p>}
      {into && !into.speech_out && !withAgent && mode !== "assistive_translation" && <p class="note">{text.noVoice(languageName(target, language))}</p>}
      <label class="row">
        <input type="checkbox" checked={isRecorded} onChange={(event) => setRecorded(event.currentTarget.checked)} />
        {text.record}
      </label>
      <label class="row">
        <input type="checkbox" checked={isInviting} onChange={(event) => setInviting(event.currentTarget.checked)} />
        {text.invite}
      </label>
      <p class="small">{text.inviteHint}</p>
      {fault ? <NoMicrophone fault={fault} onStart={() => start(false)} /> : <Problem error={error} />}
      <button class="main" disabled={isStarting || isSame || !source || !target}>
        {isStarting ? text.starting : text.start}
      </button>
    </form>
  );
}

function ModeChoice({ mode, onChoose }: { mode: Mode; onChoose: (mode: Mode) => void }) {
  const { words } = useApp();
  return (
    <>
      <label for="mode">{words.talk.mode}</label>
      <select
        id="mode"
        value={mode}
        aria-describedby="mode-hint"
        onChange={(event) => onChoose(MODES.find((each) => each === event.currentTarget.value) ?? MODES[0])}
      >
        {MODES.map((each) => (
          <option key={each} value={each}>
            {words.sessions.modes[each]}
          </option>
        ))}
      </select>
      <p class="small" id="mode-hint">
        {words.talk.modeHints[mode]}
      </p>
    </>
  );
}

/** The other side of a call that works both ways, where there is one. */
function partner(known: Language[], first: Language | undefined): Language | undefined {
  const others = known.filter((each) => each !== first);
  return others.find((each) => each.speech_in && each.speech_out) ?? others[0];
}

interface Choosing {
  id: string;
  label: string;
  value: string;
  known: Language[];
  onChoose: (code: string) => void;
}

function Choice({ id, label, value, known, onChoose }: Choosing) {
  const { language } = useApp();
  return (
    <>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {known.map((each) => (
          <option key={each.code} value={each.code}>
            {languageName(each.code, language)}
          </option>
        ))}
      </select>
    </>
  );
}
