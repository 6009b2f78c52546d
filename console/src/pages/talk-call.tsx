import { useRef } from "preact/hooks";
import { useApp, useInterval } from "../app.ts";
import { CopyButton } from "../parts/secret.tsx";
import { hashOf } from "../route.ts";
import type { CallView } from "../talk/call-view.ts";
import type { Call } from "../talk/call.ts";
import { linkOf, type Invitation } from "../talk/invitation.ts";
import type { Cause } from "../talk/reconnecting.ts";
import { Captions } from "./talk-captions.tsx";

const METER_MS = 80;
const LONGEST_TEXT = 2_000;

/** What a guest can only ask for a new link for. */
const OF_THE_LINK: readonly Cause[] = ["token_rejected", "session_not_found"];

interface Live {
  call: Call;
  view: CallView;
  onAgain: () => void;
}

export function LiveCall({ call, view, onAgain }: Live) {
  const { words } = useApp();
  const text = words.talk;
  const isOver = view.state === "over";
  return (
    <>
      <div class="row">
        <p class={`mark ${view.state}`} role="status">
          {text.states[view.state]}
        </p>
        {isOver ? (
          <>
            <button type="button" class="main" onClick={onAgain}>
              {call.isGuest ? text.join : text.again}
            </button>
            {!call.isGuest && <a href={hashOf("sessions", view.sessionId)}>{text.toSession}</a>}
          </>
        ) : (
          <Controls call={call} view={view} />
        )}
      </div>
      {view.cause && (
        <p class="problem" role="alert">
          {call.isGuest && OF_THE_LINK.includes(view.cause) ? text.linkOver : text.problems[view.cause]}
        </p>
      )}
      {view.complaint && (
        <p class="note" role="status">
          {view.complaint.message} <code>{view.complaint.code}</code>
        </p>
      )}
      {view.hasLostMicrophone && !isOver && (
        <p class="problem" role="alert">
          {text.problems.microphone_lost}
        </p>
      )}
      {view.lag && (
        <p class="note" role="status">
          {text.lag[view.lag.action](Math.round(view.lag.waited_ms / 1_000))}
        </p>
      )}
      {view.invitation && !isOver && <Link invitation={view.invitation} />}
      {!isOver && <Meters call={call} />}
      <Captions captions={view.captions} isOver={isOver} speaker={call.speaker} />
      {!isOver && <TypeToSpeak call={call} isLive={view.state === "live"} />}
    </>
  );
}

function Link({ invitation }: { invitation: Invitation }) {
  const { words } = useApp();
  const link = linkOf(invitation, location.href);
  return (
    <div class="card">
      <label for="link">{words.talk.link}</label>
      <input id="link" readOnly value={link} aria-describedby="link-hint" />
      <p class="small" id="link-hint">
        {words.talk.linkHint}
      </p>
      <CopyButton text={link} />
    </div>
  );
}

function Controls({ call, view }: { call: Call; view: CallView }) {
  const { words } = useApp();
  const isEnding = view.state === "ending";
  return (
    <>
      <button type="button" aria-pressed={view.isMuted} disabled={isEnding} onClick={() => call.mute(!view.isMuted)}>
        {view.isMuted ? words.talk.unmute : words.talk.mute}
      </button>
      <button type="button" class="danger" disabled={isEnding} onClick={() => call.end()}>
        {call.isGuest ? words.talk.leave : words.talk.end}
      </button>
    </>
  );
}

/** Written past the component: twelve times a second is no reason to draw a page anew. */
function Meters({ call }: { call: Call }) {
  const { words } = useApp();
  const heard = useRef<HTMLMeterElement>(null);
  const voice = useRef<HTMLMeterElement>(null);
  useInterval(
    () => {
      if (heard.current) heard.current.value = call.micPeak;
      if (voice.current) voice.current.value = call.voicePeak;
    },
    METER_MS,
    true,
  );
  return (
    <div class="meters">
      <label for="heard">{words.talk.heard}</label>
      <meter id="heard" ref={heard} min={0} max={1} />
      <label for="voice">{words.talk.voice}</label>
      <meter id="voice" ref={voice} min={0} max={1} />
    </div>
  );
}

function TypeToSpeak({ call, isLive }: { call: Call; isLive: boolean }) {
  const { words } = useApp();
  const field = useRef<HTMLInputElement>(null);

  function say(event: SubmitEvent) {
    event.preventDefault();
    const typed = field.current;
    const text = typed?.value.trim();
    if (typed && text && call.type(text)) typed.value = "";
  }

  return (
    <form class="row typing" onSubmit={say}>
      <label for="typed">{words.talk.typeLabel}</label>
      <input id="typed" ref={field} maxLength={LONGEST_TEXT} autocomplete="off" />
      <button disabled={!isLive}>{words.talk.send}</button>
    </form>
  );
}
