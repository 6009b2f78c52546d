import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app.ts";
import type { Caption } from "../talk/captions.ts";
import { CaptionRow } from "./caption-row.tsx";

interface Watched {
  captions: readonly Caption[];
  label: string;
}

/** What others say, seen from outside. */
export function WatchedCaptions({ captions, label }: Watched) {
  const { words } = useApp();
  const end = useRef<HTMLLIElement>(null);
  const last = captions.at(-1)?.id;
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [last]);
  return (
    <ol class="captions" aria-label={label} aria-live="polite" aria-relevant="additions">
      {captions.map((caption, number) => (
        <CaptionRow
          key={caption.id}
          caption={caption}
          who={words.transcript.speakers[caption.speaker] ?? caption.speaker}
          place={number === captions.length - 1 ? end : undefined}
        />
      ))}
    </ol>
  );
}
