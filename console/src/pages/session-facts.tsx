import type { Session } from "../api/objects.ts";
import { useApp } from "../app.ts";
import { Fact } from "../parts/fact.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { clock, moment } from "../words/figures.ts";
import { languageName } from "../words/words.ts";

export function SessionFacts({ session }: { session: Session }) {
  const { words, language } = useApp();
  const text = words.sessions;
  const reason = session.end_reason && (text.reasons[session.end_reason] ?? session.end_reason);
  return (
    <dl class="facts grid">
      <Fact name={text.status}>
        <StatusMark status={session.status} /> {reason && <span class="small">{`(${reason})`}</span>}
      </Fact>
      <Fact name={text.languages}>
        {languageName(session.source_language, language)} → {languageName(session.target_language, language)}
      </Fact>
      <Fact name={text.mode}>{text.modes[session.mode] ?? session.mode}</Fact>
      <Fact name={text.duration}>{clock(session.duration ?? 0)}</Fact>
      <Fact name={text.course}>
        <ol class="course">
          <Step name={text.created} at={session.created_at} />
          <Step name={text.started} at={session.started_at} />
          <Step name={text.ended} at={session.ended_at} />
        </ol>
      </Fact>
      {session.usage && (
        <Fact name={text.usage}>
          {clock(session.usage.active_seconds)} {text.connected}, {clock(session.usage.translation_seconds)}{" "}
          {text.translated}
          {session.usage.ai_agent_seconds > 0 && `, ${clock(session.usage.ai_agent_seconds)} ${text.byAgent}`}
        </Fact>
      )}
      {session.provider && (
        <Fact name={text.telephone}>
          {session.provider.type}, {session.provider.status}
        </Fact>
      )}
      {session.metadata && Object.keys(session.metadata).length > 0 && (
        <Fact name={text.metadata}>
          {Object.entries(session.metadata).map(([name, value]) => (
            <div key={name}>
              <code>{name}</code> {value}
            </div>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Step({ name, at }: { name: string; at: string | null | undefined }) {
  const { language } = useApp();
  return (
    <li class={at ? "" : "open"}>
      {name} <time dateTime={at ?? undefined}>{moment(at, language)}</time>
    </li>
  );
}
