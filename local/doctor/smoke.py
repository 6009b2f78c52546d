"""A short call against a deployment, and where its time went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kallglot import AsyncKallglot, Stream
from local import voices
from local.call import Call, Watcher
from local.dialogue import LANGUAGES, Line
from local.report import LatencySummary

DIALOGUE = (
    Line("customer", "Hello, I have a question about my order."),
    Line("agent", "Su pedido llegará mañana por la tarde."),
)


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds: the request that creates a session, the socket until it is greeted, the end and the transcript.

    `latency` is of the turns, as the worker tells it; `misunderstood` is how often somebody had to say it again.
    """

    session_id: str
    create_ms: float
    connect_ms: float
    end_ms: float
    transcript_ms: float
    latency: LatencySummary | None
    misunderstood: int
    missing: tuple[str, ...]

    def rows(self) -> list[tuple[str, str]]:
        return [
            ("create a session", f"{self.create_ms:.0f} ms"),
            ("open the stream", f"{self.connect_ms:.0f} ms"),
            ("translated speech", str(self.latency or "nothing was spoken")),
            ("end the session", f"{self.end_ms:.0f} ms"),
            ("read the transcript", f"{self.transcript_ms:.0f} ms"),
        ]


class _Lap:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = now()

    def ms(self) -> float:
        last, self._last = self._last, self._now()
        return (self._last - last) * 1000


async def speech() -> Mapping[Line, bytes]:
    """Raises SynthesizerMissing where this machine has no voices."""
    spoken = [voices.spoken(voices.BY_LANGUAGE[line.language], line.text) for line in DIALOGUE]
    return dict(zip(DIALOGUE, await asyncio.gather(*spoken), strict=True))


async def smoke_call(
    client: AsyncKallglot, watcher: Watcher, said: Mapping[Line, bytes], now: Callable[[], float] = time.perf_counter
) -> Timed:
    """Raises TurnMissing, StreamClosed and KallglotError."""
    lap = _Lap(now)
    session = await client.sessions.create(
        mode="bidirectional_translation",
        source_language=LANGUAGES["customer"],
        target_language=LANGUAGES["agent"],
        metadata={"made_by": "doctor"},
    )
    create_ms = lap.ms()
    call = Call(watcher)
    async with Stream.open(session["stream"]["url"], session["stream"]["token"]) as stream:
        connect_ms = lap.ms()
        await call.play(stream, DIALOGUE, said)
    lap.ms()
    await client.sessions.end(session["id"])
    end_ms = lap.ms()
    text = await client.sessions.transcript_text(session["id"])
    missing = tuple(f"{each.text!r} is not in the transcript" for each in call.finals if each.text not in text)
    return Timed(
        session["id"],
        create_ms,
        connect_ms,
        end_ms,
        lap.ms(),
        LatencySummary.of(call.latencies),
        call.misunderstood,
        missing,
    )
