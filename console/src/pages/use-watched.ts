import { useEffect, useRef, useState } from "preact/hooks";
import { useApi, useApp } from "../app.ts";
import { socketTo } from "../talk/stream.ts";
import { Watch } from "../talk/watch.ts";
import { Watching, type Heard } from "../talk/watching.ts";

const NOTHING: Heard = new Map();

/** What is being said in these sessions, by the events socket. `onChanged` is told when one has begun or ended. */
export function useWatched(sessionIds: readonly string[], onChanged?: () => void): Heard {
  const api = useApi();
  const { facts } = useApp();
  const eventsUrl = facts.events_url;
  const [heard, setHeard] = useState(NOTHING);
  const changed = useRef(onChanged);
  changed.current = onChanged;
  const watching = useRef<Watching | null>(null);
  useEffect(() => {
    if (!eventsUrl) return;
    const token = async (id: string) => (await api.session(id)).stream?.token ?? null;
    const opened = new Watching({
      watch: (id, take) => new Watch(eventsUrl, id, { open: socketTo, token: () => token(id), wait: waited }, take),
      onHeard: setHeard,
      onChanged: () => changed.current?.(),
    });
    watching.current = opened;
    return () => {
      opened.close();
      setHeard(NOTHING);
    };
  }, [api, eventsUrl]);
  useEffect(() => watching.current?.follow(sessionIds), [api, eventsUrl, sessionIds.join()]);
  return heard;
}

function waited(what: () => void, after_ms: number): () => void {
  const timer = setTimeout(what, after_ms);
  return () => clearTimeout(timer);
}
