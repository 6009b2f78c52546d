import { useEffect, useRef, useState } from "preact/hooks";
import type { Session, Turn } from "../api/objects.ts";
import { useApp } from "../app.ts";
import { CaptionRow } from "../parts/caption-row.tsx";
import { withMessage, type Caption } from "../talk/captions.ts";
import { socketTo } from "../talk/stream.ts";
import { Watch } from "../talk/watch.ts";

const NONE: readonly Caption[] = [];

/** What is being said right now, below what the transcript has already. */
export function LiveWords({ session, turns }: { session: Session; turns: readonly Turn[] }) {
  const { words } = useApp();
  const captions = useWatched(session).filter((caption) => !turns.some((turn) => turn.id === caption.id));
  if (captions.length === 0) return null;
  return (
    <ol class="captions" aria-label={words.transcript.now}>
      {captions.map((caption) => (
        <CaptionRow key={caption.id} caption={caption} who={words.transcript.speakers[caption.speaker] ?? caption.speaker} />
      ))}
    </ol>
  );
}

function useWatched(session: Session): readonly Caption[] {
  const { facts } = useApp();
  const [captions, setCaptions] = useState(NONE);
  const token = useRef<string | null>(null);
  token.current = session.stream?.token ?? null;
  const { id } = session;
  useEffect(() => {
    if (!facts.events_url) return;
    const around = { open: socketTo, token: () => token.current, wait: waited };
    const watch = new Watch(facts.events_url, id, around, (message) =>
      setCaptions((before) => withMessage(before, message)),
    );
    return () => watch.close();
  }, [facts.events_url, id]);
  return captions;
}

function waited(what: () => void, after_ms: number): () => void {
  const timer = setTimeout(what, after_ms);
  return () => clearTimeout(timer);
}
