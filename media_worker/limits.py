"""What one socket may ask of a worker before and after it has shown its token."""

from __future__ import annotations

from dataclasses import dataclass

_FASTEST_BYTES_S = 48_000 * 2 * 2 * 4 // 3


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """`inbound_bytes_s` is four times what two channels of 48 kHz PCM need as JSON.

    `outbound_bytes` is how much may wait for a client that reads slowly: from a quarter of it on what can be
    missed (partials, passed-on audio) is left out; at the limit the socket is closed. `sessions` is how many a worker
    takes on; further legs of those come in as long as there are `sockets`.
    """

    token_wait_s: float = 5.0
    first_message_bytes: int = 64 * 1024
    message_bytes: int = 1024 * 1024
    inbound_bytes_s: int = 4 * _FASTEST_BYTES_S
    inbound_burst_bytes: int = 8 * _FASTEST_BYTES_S
    outbound_bytes: int = 1024 * 1024
    bad_messages: int = 20
    heartbeat_s: float = 20.0
    close_wait_s: float = 5.0
    sockets: int = 2000
    sessions: int = 400
    waiting_sockets: int = 200


class ByteBudget:
    """A token bucket. Pure; times in monotonic seconds."""

    def __init__(self, bytes_s: int, burst_bytes: int, now: float) -> None:
        self._bytes_s = bytes_s
        self._burst = burst_bytes
        self._left = float(burst_bytes)
        self._at = now

    def allows(self, size: int, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._bytes_s) - size
        self._at = now
        return self._left >= 0
