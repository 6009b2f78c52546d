import { useEffect, useRef } from "preact/hooks";
import type { Role, Session } from "../api/objects.ts";
import { useApi, useApp, useFetched } from "../app.ts";
import { EndSession } from "../parts/end-session.tsx";
import { Fact } from "../parts/fact.tsx";
import { Problem } from "../parts/problem.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { WatchedCaptions } from "../parts/watched-captions.tsx";
import { hashOf } from "../route.ts";
import type { Caption } from "../talk/captions.ts";
import { elapsed_s, type Running } from "../talk/running.ts";
import { clock } from "../words/figures.ts";
import { languageName } from "../words/words.ts";

const ROLES: readonly Role[] = ["customer", "agent"];

interface Shown {
  id: string;
  running: Running;
  now_ms: number;
  captions: readonly Caption[];
  onEnded: () => void;
}

/** One running session: who, for how long, what is said; and the button that ends it. */
export function LiveSession({ id, running, now_ms, captions, onEnded }: Shown) {
  const api = useApi();
  const { words } = useApp();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const listed = running.sessions.find((session) => session.id === id);
  // Once it runs no longer, what has become of it.
  const { value, error } = useFetched(() => api.session(id), [api, id, listed?.status]);
  const session = listed ?? value;
  return (
    <section aria-labelledby="watched">
      <h2 id="watched" ref={heading} tabIndex={-1}>
        <code>{id}</code>
      </h2>
      <Problem error={error} />
      {session && <Facts session={session} elapsed_s={elapsed_s(session, running.at_ms, now_ms)} captions={captions} />}
      <div class="row">
        {listed && <EndSession sessionId={id} onEnded={onEnded} />}
        <a href={hashOf("sessions", id)}>{words.live.toSession}</a>
      </div>
      {value && !listed && (
        <p class="note" role="status">
          {words.live.over}
        </p>
      )}
      {captions.length === 0 && listed && <p class="empty">{words.live.silent}</p>}
      <WatchedCaptions captions={captions} label={words.talk.captions} />
    </section>
  );
}

function Facts({ session, elapsed_s, captions }: { session: Session; elapsed_s: number; captions: readonly Caption[] }) {
  const { words } = useApp();
  const text = words.sessions;
  return (
    <dl class="facts grid">
      <Fact name={text.status}>
        <StatusMark status={session.status} />
      </Fact>
      <Fact name={words.live.elapsed}>
        <span class="elapsed">{clock(elapsed_s)}</span>
      </Fact>
      <Fact name={text.mode}>{text.modes[session.mode] ?? session.mode}</Fact>
      <Fact name={words.live.takingPart}>
        {ROLES.map((role) => (
          <Side key={role} session={session} role={role} captions={captions} />
        ))}
        {session.provider && (
          <div>
            {text.telephone}: {session.provider.type}, {session.provider.status}
          </div>
        )}
      </Fact>
    </dl>
  );
}

/** A side's language, the names that it was given, and how much it has said. */
function Side({ session, role, captions }: { session: Session; role: Role; captions: readonly Caption[] }) {
  const { words, language } = useApp();
  const named = session.participants?.filter((each) => each.type === role) ?? [];
  const own = role === "customer" ? session.source_language : session.target_language;
  const spoken = [...new Set([...named.map((each) => each.language), ...(named.length ? [] : [own])])];
  const names = named.map((each) => each.name).filter(Boolean).join(", ");
  const count = captions.filter((caption) => caption.isFinal && caption.speaker === role).length;
  return (
    <div>
      {words.transcript.speakers[role]}
      {names && ` (${names})`}: {spoken.map((code) => languageName(code, language)).join(", ")},{" "}
      <span class="small">{words.live.lines(count)}</span>
    </div>
  );
}
