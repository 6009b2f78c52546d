import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app.ts";
import type { Role } from "../api/objects.ts";
import type { Caption } from "../talk/captions.ts";
import type { LatencyParts } from "../talk/messages.ts";
import { CaptionRow } from "../parts/caption-row.tsx";
import { partsOf, slicesOf, type Part } from "./latency-slices.ts";

const BAR_WIDTH = 300;
const BAR_HEIGHT = 6;

interface Shown {
  captions: readonly Caption[];
  isOver: boolean;
  /** Who the reader is. */
  speaker: Role;
}

/** What was said and what it became, side by side. */
export function Captions({ captions, isOver, speaker }: Shown) {
  const { words } = useApp();
  const end = useRef<HTMLLIElement>(null);
  const areTwo = captions.some((caption) => caption.speaker !== speaker);
  const whoOf = (caption: Caption) =>
    areTwo ? (caption.speaker === speaker ? words.talk.you : words.talk.other) : null;
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [captions]);
  return (
    <section aria-labelledby="captions">
      <h2 id="captions">{words.talk.captions}</h2>
      {captions.length === 0 && !isOver && <p class="empty">{words.talk.listening}</p>}
      <ol class="captions" aria-live="polite" aria-relevant="additions">
        {captions.map((caption, number) => (
          <CaptionRow key={caption.id} caption={caption} who={whoOf(caption)} place={number === captions.length - 1 ? end : undefined}>
            {caption.latency && <Bar latency={caption.latency} />}
          </CaptionRow>
        ))}
      </ol>
      <Legend parts={partsOf(captions.flatMap((caption) => caption.latency ?? []))} />
    </section>
  );
}

function Bar({ latency }: { latency: LatencyParts }) {
  const { words } = useApp();
  const told = partsOf([latency])
    .map((part) => `${words.talk.parts[part]} ${Math.round(latency[`${part}_ms`] ?? 0)}`)
    .join(", ");
  return (
    <div class="latency">
      <svg
        viewBox={`0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${words.talk.latency(Math.round(latency.total_ms))}: ${told}`}
      >
        <title>{told}</title>
        {slicesOf(latency, BAR_WIDTH).map((slice) => (
          <rect key={slice.part} class={slice.part} x={slice.x} y="0" width={slice.width} height={BAR_HEIGHT} />
        ))}
      </svg>
      <span class="small">{words.talk.latency(Math.round(latency.total_ms))}</span>
    </div>
  );
}

function Legend({ parts }: { parts: Part[] }) {
  const { words } = useApp();
  if (parts.length === 0) return null;
  return (
    <p class="small legend">
      {parts.map((part) => (
        <span key={part}>
          <span class={`swatch ${part}`} aria-hidden="true" /> {words.talk.parts[part]}
        </span>
      ))}
    </p>
  );
}
