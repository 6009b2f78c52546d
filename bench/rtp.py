"""What an RTP stream costs beside a WebSocket stream of the media plane, on the same core in the same run.

    python -m bench.rtp [--streams 30 100 200] [--json] [--preferred]

An RTP stream takes 50 packets a second, hands on what was said, plays it back and sends 50. By turns with it: the media
worker with engines stubbed (`pairs`, as in `bench.media_plane`), and our WebSocket transport with its codec and nothing
behind it (`bench.transport`), which is the part of a WebSocket stream that compares.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.__main__ import machine
from bench.load import LOAD_CORE, SERVER_CORE, Load, Server, load, our_worker

_STREAMS = (sys.executable, "-m", "bench.rtp_streams")
_TRANSPORT = Server("transport", "echo", (sys.executable, "-m", "bench.transport"))


@dataclass(frozen=True, slots=True)
class RtpFigure:
    """`us_per_frame` is CPU for a packet in and one out, `answered` a share; `concealed` is of the whole run."""

    streams: int
    us_per_frame: float
    cores: float
    answered: float
    lost: int
    concealed: int
    contended: bool


@dataclass(frozen=True, slots=True)
class Row:
    rtp: RtpFigure
    transport_us: float
    worker_us: float
    transport_answered: float
    worker_answered: float


def rtp_streams(bench: Load, streams: int, seconds: float = 4.0, warm_s: float = 2.0) -> RtpFigure:
    ports, speech = bench.folder / "ports.txt", bench.folder / "speech.ulaw"
    with bench.running([*_STREAMS, str(streams), str(ports)], SERVER_CORE) as process:
        assert process.stdout is not None and process.stdin is not None
        process.stdout.readline()
        words = [str(bench.folder / "rtpgen"), str(warm_s), str(seconds), str(process.pid), str(speech), str(ports)]
        with bench.running(words, LOAD_CORE) as loading:
            seen = json.loads(loading.communicate()[0])
        process.stdin.write("?")
        process.stdin.flush()
        counted: dict[str, int] = json.loads(process.stdout.readline())
    return RtpFigure(
        streams=streams,
        us_per_frame=seen["us_per_frame"],
        cores=seen["cores"],
        answered=seen["heard"] / max(1, seen["sent"]),
        lost=counted["lost"],
        concealed=counted["concealed"],
        contended=seen["late_ms"] > 10.0,
    )


def measure(counts: Sequence[int], *, preferred: bool, turns: int = 3) -> list[Row]:
    """Of several turns the cheapest of each, since others use the machine, too."""
    rows: list[Row] = []
    with load(preferred=preferred) as bench:
        bench.compiled("rtpgen.c")
        for count in counts:
            found = [_turn(bench, count) for _ in range(turns)]
            rows.append(
                Row(
                    min((row.rtp for row in found), key=lambda figure: figure.us_per_frame),
                    min(row.transport_us for row in found),
                    min(row.worker_us for row in found),
                    max(row.transport_answered for row in found),
                    max(row.worker_answered for row in found),
                )
            )
    return rows


def _turn(bench: Load, count: int) -> Row:
    rtp = rtp_streams(bench, count)
    transport = bench.measure(_TRANSPORT, count)
    worker = bench.measure(our_worker("pairs"), count)
    return Row(rtp, transport.us_per_frame, worker.us_per_frame, transport.answered, worker.answered)


def table(rows: Sequence[Row]) -> str:
    lines = ["streams   CPU µs per frame, in and out: RTP   WebSocket transport (ratio)   media worker (ratio)"]
    for row in rows:
        ours = row.rtp.us_per_frame
        lines.append(
            f"{row.rtp.streams:7d}   {ours:35.1f}   {row.transport_us:12.1f} ({ours / row.transport_us:.2f})"
            f"   {row.worker_us:15.1f} ({ours / row.worker_us:.2f})"
            f"   answered {row.rtp.answered:.3f}, lost {row.rtp.lost}{', contended' if row.rtp.contended else ''}"
        )
    return "\n".join([*lines, "", ", ".join(f"{name} {what}" for name, what in machine().items())])


def main(arguments: Sequence[str]) -> int:
    given = argparse.ArgumentParser(prog="python -m bench.rtp")
    given.add_argument("--streams", type=int, nargs="+", default=[30, 100, 200])
    given.add_argument("--json", action="store_true")
    given.add_argument("--preferred", action="store_true", help="before all other processes of a busy machine (root)")
    options = given.parse_args(arguments)
    rows = measure(options.streams, preferred=options.preferred)
    found: dict[str, Any] = {"rows": [asdict(row) for row in rows], "machine": machine()}
    print(json.dumps(found, indent=2) if options.json else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
