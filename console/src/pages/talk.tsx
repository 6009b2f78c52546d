import { useEffect, useRef, useState } from "preact/hooks";
import type { Language } from "../api/objects.ts";
import { useApi, useApp, useFetched } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { Call, type CallView, type Wanted } from "../talk/call.ts";
import { MicrophoneError, type MicrophoneFault } from "../talk/microphone.ts";
import { languageName } from "../words/words.ts";
import { LiveCall } from "./talk-call.tsx";

export function Talk() {
  const api = useApi();
  const { words } = useApp();
  const languages = useFetched(() => api.languages(), [api]);
  const [view, setView] = useState<CallView | null>(null);
  const [isStarting, setStarting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const call = useRef<Call | null>(null);
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
      call.current?.leave();
    },
    [],
  );

  async function start(wanted: Wanted) {
    setStarting(true);
    setError(null);
    try {
      const started = await Call.start(api, wanted, (changed) => isHere.current && setView(changed));
      if (isHere.current) call.current = started;
      else started.leave();
    } catch (failure) {
      setError(failure);
      setView(null);
    }
    setStarting(false);
  }

  if (view && call.current) {
    return <LiveCall call={call.current} view={view} onAgain={() => setView(null)} />;
  }
  return (
    <>
      <p class="lead">{words.talk.lead}</p>
      <Problem error={languages.error} />
      {!languages.value && languages.isLoading && <p class="empty">{words.loading}</p>}
      {languages.value && (
        <Settings languages={languages.value.data} isStarting={isStarting} error={error} onStart={start} />
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
  const [isRecorded, setRecorded] = useState(true);
  const [from, into] = [source, target].map((code) => known.find((each) => each.code === code));
  const fault = error instanceof MicrophoneError ? error.fault : null;
  const start = (hasMicrophone: boolean) => onStart({ source, target, isRecorded, hasMicrophone });

  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        start(Boolean(from?.speech_in));
      }}
    >
      <Choice id="source" label={text.iSpeak} value={source} known={known} onChoose={setSource} />
      <Choice id="target" label={text.translateInto} value={target} known={known} onChoose={setTarget} />
      {source === target && <p class="note">{text.sameLanguage}</p>}
      {from && !from.speech_in && <p class="note">{text.noSpeech(languageName(source, language))}</p>}
      {into && !into.speech_out && <p class="note">{text.noVoice(languageName(target, language))}</p>}
      <label class="row">
        <input type="checkbox" checked={isRecorded} onChange={(event) => setRecorded(event.currentTarget.checked)} />
        {text.record}
      </label>
      {fault ? <NoMicrophone fault={fault} onStart={() => start(false)} /> : <Problem error={error} />}
      <button class="main" disabled={isStarting || source === target || !source || !target}>
        {isStarting ? text.starting : text.start}
      </button>
    </form>
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

function NoMicrophone({ fault, onStart }: { fault: MicrophoneFault; onStart: () => void }) {
  const { words } = useApp();
  return (
    <div class="problem" role="alert">
      <p>{words.talk.problems[fault]}</p>
      <button type="button" onClick={onStart}>
        {words.talk.withoutMicrophone}
      </button>
    </div>
  );
}
