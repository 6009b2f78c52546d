import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Recording, Session } from "../api/objects.ts";
import { useApi, useApp, useFetched, useInterval } from "../app.ts";
import { Problem } from "../parts/problem.tsx";

const ASK_AGAIN_MS = 2_000;

/** The recording as the transcript sees it: where it is, and how to send it elsewhere. */
export interface Player {
  /** Seconds from the first audio, which is where the transcript counts from too. */
  position_s: number;
  isReady: boolean;
  playFrom: (position_s: number) => void;
  attach: (audio: HTMLAudioElement | null) => void;
  follow: () => void;
}

export function usePlayer(): Player {
  const audio = useRef<HTMLAudioElement | null>(null);
  const [position_s, setPosition] = useState(0);
  const [isReady, setReady] = useState(false);
  const attach = useCallback((found: HTMLAudioElement | null) => {
    audio.current = found;
    setReady(found !== null);
  }, []);
  const follow = useCallback(() => setPosition(audio.current?.currentTime ?? 0), []);
  const playFrom = useCallback((from_s: number) => {
    if (!audio.current) return;
    audio.current.currentTime = from_s;
    // Refused where the browser has blocked sound; its own controls then say so.
    audio.current.play().catch(() => undefined);
  }, []);
  return { position_s, isReady, playFrom, attach, follow };
}

export function RecordingPlayer({ session, player }: { session: Session; player: Player }) {
  const api = useApi();
  const { words } = useApp();
  const text = words.recording;
  const found = useFetched(() => api.recordings(session.id), [api, session.id, session.status]);
  const recording = found.value?.data[0];
  const isExpected = session.status === "ended" && recording?.status === "processing";
  useInterval(found.reload, ASK_AGAIN_MS, isExpected);
  return (
    <section aria-labelledby="recording">
      <h2 id="recording">{text.title}</h2>
      <Problem error={found.error} />
      {recording?.status === "ready" && recording.download_url ? (
        <Sound recording={recording} url={recording.download_url} player={player} onStale={found.reload} />
      ) : (
        <p class="empty">{sentence()}</p>
      )}
    </section>
  );

  function sentence(): string {
    if (recording) return recording.status === "failed" ? text.failed : text.processing;
    if (found.isLoading) return words.loading;
    return session.recording?.enabled ? text.none : text.notWanted;
  }
}

interface Sounding {
  recording: Recording;
  url: string;
  player: Player;
  /** The address works for five minutes only. */
  onStale: () => void;
}

function Sound({ recording, url, player, onStale }: Sounding) {
  const { words } = useApp();
  const hasAsked = useRef(false);
  const resumeAt = useRef(0);
  useEffect(() => {
    player.follow();
  }, [url]);
  return (
    <>
      <audio
        ref={player.attach}
        src={url}
        controls
        preload="metadata"
        aria-label={words.recording.player}
        onTimeUpdate={(event) => {
          resumeAt.current = event.currentTarget.currentTime || resumeAt.current;
          player.follow();
        }}
        onLoadedMetadata={(event) => {
          if (hasAsked.current) event.currentTarget.currentTime = resumeAt.current;
          hasAsked.current = false;
        }}
        onError={() => {
          // Once per address: one that never works must not be asked for for ever.
          if (hasAsked.current) return;
          hasAsked.current = true;
          onStale();
        }}
      />
      <p class="small">
        {recording.channels === 2 ? words.recording.stereo : words.recording.mono} {words.recording.choose}{" "}
        <a href={url}>{words.recording.file}</a>
      </p>
    </>
  );
}
