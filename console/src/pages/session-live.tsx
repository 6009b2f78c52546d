import type { Session, Turn } from "../api/objects.ts";
import { useApp } from "../app.ts";
import { WatchedCaptions } from "../parts/watched-captions.tsx";
import { useWatched } from "./use-watched.ts";

/** What is being said right now, below what the transcript has already. */
export function LiveWords({ session, turns }: { session: Session; turns: readonly Turn[] }) {
  const { words } = useApp();
  const heard = useWatched([session.id]).get(session.id) ?? [];
  const captions = heard.filter((caption) => !turns.some((turn) => turn.id === caption.id));
  if (captions.length === 0) return null;
  return <WatchedCaptions captions={captions} label={words.transcript.now} />;
}
