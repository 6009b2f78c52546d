import type { Role, Session, Turn } from "../api/objects.ts";
import { useApp } from "../app.ts";
import { clock } from "../words/figures.ts";
import type { Player } from "./session-recording.tsx";
import { timelineOf } from "./timeline.ts";

const WIDE = 960;
const NARROW = 400;
const HEIGHT = 92;
const PHASE_HEIGHT = 6;
const LANE_HEIGHT = 22;
const LANE_Y: Record<Role, number> = { customer: 14, agent: 42 };

interface Shown {
  session: Session;
  turns: readonly Turn[];
  player: Player;
}

/** Who spoke when. The lines of the transcript say the same, and can be reached with the keyboard; this is for the eye. */
export function SessionTimeline({ session, turns, player }: Shown) {
  const { words } = useApp();
  const text = words.timeline;
  // In units that are about pixels, so that its figures can be read on a telephone too.
  const width = matchMedia("(max-width: 44rem)").matches ? NARROW : WIDE;
  const line = timelineOf(session, turns, width);
  if (!line) return null;
  return (
    <figure class="timeline">
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={text.title}>
        {line.phases.map((phase) => (
          <rect key={phase.name} class={phase.name} x={phase.x} y="0" width={phase.width} height={PHASE_HEIGHT}>
            <title>{`${text[phase.name]}: ${clock(phase.seconds)}`}</title>
          </rect>
        ))}
        {line.ticks.map((tick) => (
          <g key={tick.seconds}>
            <line x1={tick.x} x2={tick.x} y1={PHASE_HEIGHT} y2={HEIGHT - 18} />
            <text x={tick.x} y={HEIGHT - 4} text-anchor={tick.x > width - 30 ? "end" : "start"}>
              {clock(tick.seconds)}
            </text>
          </g>
        ))}
        {line.segments.map(({ turn, lane, x, length }) => (
          <rect
            key={turn.id}
            class={`segment ${lane} ${player.isReady ? "playable" : ""}`}
            x={x}
            y={LANE_Y[lane]}
            width={length}
            height={LANE_HEIGHT}
            onClick={() => player.playFrom(turn.start_time)}
          >
            <title>{`${clock(turn.start_time)} ${turn.text}`}</title>
          </rect>
        ))}
        {player.isReady && (
          <line class="head" x1={line.xOf(player.position_s)} x2={line.xOf(player.position_s)} y1="0" y2={HEIGHT - 18} />
        )}
      </svg>
      <figcaption class="small legend">
        {(["waiting", "talking"] as const).map((phase) => (
          <span key={phase}>
            <span class={`swatch ${phase}`} aria-hidden="true" /> {text[phase]}
          </span>
        ))}
        {(["customer", "agent"] as const).map((role) => (
          <span key={role}>
            <span class={`swatch ${role}`} aria-hidden="true" /> {words.transcript.speakers[role]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
