import { useApp } from "../app.ts";
import type { MicrophoneFault } from "../talk/microphone.ts";

/** Says why, and offers the call all the same. */
export function NoMicrophone({ fault, onStart }: { fault: MicrophoneFault; onStart: () => void }) {
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
