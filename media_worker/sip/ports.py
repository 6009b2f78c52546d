"""What a gateway's calls need of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media_worker.pipeline.offload import Offload
from media_worker.sip.line import Ended, Sound
from media_worker.sip.signalling.client_transactions import ClientTransactions
from media_worker.sip.signalling.server_transactions import ServerTransactions
from media_worker.sip.signalling.timers import Later
from media_worker.sip.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `silence_s`: without a packet of sound, unless a side has put the call on hold; then it is `hold_s`.

    `reconnect_s`: without a worker that takes the line. `answer_s`: until an INVITE must have its answer.
    """

    silence_s: float = 30.0
    hold_s: float = 1800.0
    reconnect_s: float = 300.0
    answer_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What all calls of a process share. `word` makes up tags and branches, `offload` runs what blocks."""

    servers: ServerTransactions
    clients: ClientTransactions
    later: Later
    time: Callable[[], float]
    word: Callable[[], str]
    offload: Offload
    patience: Patience
    telemetry: Telemetry

    def branch(self) -> str:
        """Of a transaction of ours; it begins as RFC 3261, section 8.1.1.7, has it."""
        return "z9hG4bK" + self.word()


class CallLine(Protocol):
    """A call's way into its session."""

    @property
    def reconnects(self) -> int: ...

    async def run(self, sound: Sound) -> Ended:
        """Carry both ways until the session, or its line, is over."""
        ...

    async def close(self) -> None: ...
