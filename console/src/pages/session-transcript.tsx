import { useEffect, useRef } from "preact/hooks";
import type { TranscriptFormat } from "../api/client.ts";
import type { Turn } from "../api/objects.ts";
import { useAction, useApi, useApp } from "../app.ts";
import { Problem } from "../parts/problem.tsx";
import { clock } from "../words/figures.ts";
import { turnAt } from "./turn-at.ts";
import type { Player } from "./session-recording.tsx";

const FORMATS: { format: TranscriptFormat; ending: string; type: string }[] = [
  { format: "srt", ending: "srt", type: "application/x-subrip" },
  { format: "vtt", ending: "vtt", type: "text/vtt" },
  { format: "text", ending: "txt", type: "text/plain" },
  { format: "json", ending: "json", type: "application/json" },
];

interface Shown {
  id: string;
  turns: Turn[];
  isRunning: boolean;
  player: Player;
}

/** What was said, in both languages. With a recording every line is a button that plays it. */
export function TranscriptLines({ id, turns, isRunning, player }: Shown) {
  const { words } = useApp();
  const text = words.transcript;
  const current = player.isReady ? turnAt(turns, player.position_s) : null;
  return (
    <section aria-labelledby="transcript">
      <div class="row">
        <h2 id="transcript">{text.title}</h2>
        {turns.length > 0 && <Downloads id={id} />}
      </div>
      {isRunning && <p class="small">{text.growing}</p>}
      {turns.length === 0 && <p class="empty">{text.empty}</p>}
      <ol class="lines">
        {turns.map((turn) => (
          <Line key={turn.id} turn={turn} isCurrent={turn === current} player={player} />
        ))}
      </ol>
    </section>
  );
}

function Line({ turn, isCurrent, player }: { turn: Turn; isCurrent: boolean; player: Player }) {
  const { words } = useApp();
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCurrent) place.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  const at = clock(turn.start_time);
  return (
    <li ref={place} class={`line ${turn.speaker}`} aria-current={isCurrent || undefined}>
      <div class="who">
        <strong>{words.transcript.speakers[turn.speaker] ?? turn.speaker}</strong>
        {player.isReady ? (
          <button
            type="button"
            class="quiet"
            aria-label={words.transcript.play(at)}
            onClick={() => player.playFrom(turn.start_time)}
          >
            ▶ {at}
          </button>
        ) : (
          <span class="small">{at}</span>
        )}
      </div>
      <p lang={turn.language} class={player.isReady ? "playable" : ""} onClick={() => player.playFrom(turn.start_time)}>
        {turn.text}
      </p>
      {turn.translation && (
        <p lang={turn.translation.language} class="translation">
          {turn.translation.text}
        </p>
      )}
    </li>
  );
}

function Downloads({ id }: { id: string }) {
  const api = useApi();
  const { words } = useApp();
  const { error, run } = useAction();
  const download = ({ format, ending, type }: (typeof FORMATS)[number]) =>
    run(async () => save(new Blob([await api.transcriptFile(id, format)], { type }), `${id}.${ending}`));

  return (
    <>
      <div class="row" role="group" aria-label={words.transcript.download}>
        <span class="small">{words.transcript.download}</span>
        {FORMATS.map((each) => (
          <button key={each.format} type="button" class="quiet" onClick={() => download(each)}>
            {each.ending}
          </button>
        ))}
      </div>
      <Problem error={error} />
    </>
  );
}

/** The key is in a header, which a plain link could not send; so the file is fetched first. */
function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
