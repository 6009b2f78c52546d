import { useApp } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import type { Route } from "../route.ts";
import { Call } from "../talk/call.ts";
import { invitationOf, type Invitation } from "../talk/invitation.ts";
import { MicrophoneError } from "../talk/microphone.ts";
import { languageName } from "../words/words.ts";
import { NoMicrophone } from "./no-microphone.tsx";
import { LiveCall } from "./talk-call.tsx";
import { useCall } from "./use-call.ts";

/** Where an invitation leads: one call, without a key. */
export function Join({ route }: { route: Route }) {
  const { words } = useApp();
  const invitation = invitationOf(route.id, route.query);
  if (!invitation) {
    return (
      <p class="problem" role="alert">
        {words.talk.linkBroken}
      </p>
    );
  }
  return <Guest invitation={invitation} />;
}

function Guest({ invitation }: { invitation: Invitation }) {
  const { words, language } = useApp();
  const { call, view, error, isStarting, start, again } = useCall();
  const join = (hasMicrophone: boolean) => start((show) => Call.join(invitation, hasMicrophone, show));
  if (call && view) return <LiveCall call={call} view={view} onAgain={again} />;
  return (
    <div class="card narrow">
      <p>
        {words.talk.youSpeak}: <strong>{languageName(invitation.language, language)}</strong>
      </p>
      {error instanceof MicrophoneError ? (
        <NoMicrophone fault={error.fault} onStart={() => join(false)} />
      ) : (
        <Problem error={error} />
      )}
      <button type="button" class="main" disabled={isStarting} onClick={() => join(true)}>
        {isStarting ? words.talk.starting : words.talk.join}
      </button>
    </div>
  );
}
