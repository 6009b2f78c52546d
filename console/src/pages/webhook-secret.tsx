import { useState } from "preact/hooks";
import type { Signing, WithSecret } from "../api/webhooks.ts";
import { useAction, useApp } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { Question } from "../parts/question.tsx";
import { Secret } from "../parts/secret.tsx";
import { moment } from "../words/figures.ts";

/** Seconds. */
const OVERLAPS = ["86400", "3600", "604800", "0"] as const;

/** How long the secret before this one signs too, where it does. */
export function SecretState({ signing }: { signing: Signing }) {
  const { words, language } = useApp();
  const text = words.webhooks;
  return (
    <>
      {text.generation(signing.secret_generation)}
      {signing.previous_secret_until && (
        <span class="small"> ({text.previousUntil(moment(signing.previous_secret_until, language))})</span>
      )}
    </>
  );
}

interface Rotating {
  rotate: (overlap_seconds: number) => Promise<WithSecret>;
  onRotated: () => void;
}

/** Asks how long both secrets are to sign, then shows the new one, once. */
export function RotateSecret({ rotate, onRotated }: Rotating) {
  const { words } = useApp();
  const text = words.webhooks;
  const [isAsking, setAsking] = useState(false);
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>(OVERLAPS[0]);
  const [secret, setSecret] = useState<string | null>(null);
  const { error, isBusy, run } = useAction();

  function make() {
    setAsking(false);
    void run(async () => {
      setSecret((await rotate(Number(overlap))).secret);
      onRotated();
    });
  }

  return (
    <>
      <button type="button" disabled={isBusy} onClick={() => setAsking(true)}>
        {text.rotate}
      </button>
      <Problem error={error} />
      {secret && <Secret title={text.secretTitle} hint={text.secretHint} secret={secret} />}
      {isAsking && (
        <Question text={text.rotateQuestion} yes={text.rotateYes} onYes={make} onNo={() => setAsking(false)}>
          <label for="overlap">{text.overlap}</label>
          <select
            id="overlap"
            value={overlap}
            onChange={(event) => setOverlap(OVERLAPS.find((each) => each === event.currentTarget.value) ?? OVERLAPS[0])}
          >
            {OVERLAPS.map((each) => (
              <option key={each} value={each}>
                {text.overlaps[each]}
              </option>
            ))}
          </select>
        </Question>
      )}
    </>
  );
}
