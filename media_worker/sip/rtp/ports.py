"""The ports of calls: pairs of a fixed range, which a firewall lets in; the even one RTP, the odd one above it RTCP.

A pair belongs to one call at a time and rests after it, so that what a telephone still sends does not reach the next
caller. Which is next is not to be guessed: the pairs are shuffled once, and the longest unused is taken first.
"""

from __future__ import annotations

import random
import socket
import time as clock
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

_REST_S = 5.0
# Of sound that nobody reads, while the loop is busy: about two seconds. More would be played too late.
_RECEIVE_BYTES = 65_536
# DSCP EF (RFC 4594), which routers that look at it put before data.
_EXPEDITED = 46 << 2


class Datagrams(Protocol):
    """What of a bound UDP socket is used: never blocking."""

    def recvfrom_into(self, buffer: bytearray) -> tuple[int, Any]: ...

    def sendto(self, data: bytes | bytearray, address: tuple[str, int]) -> int: ...

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class NoPortLeft(Exception):
    """Every pair is in use, rests, or is held by another process."""


class PortPair(NamedTuple):
    port: int
    rtp: Datagrams
    rtcp: Datagrams


def bound(host: str, port: int) -> Datagrams:
    """Raises OSError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, _EXPEDITED)
        made.bind((host, port))
    except BaseException:
        made.close()
        raise
    return made


class RtpPorts:
    """`first` to `last`, both included. `in_use` counts pairs."""

    def __init__(
        self,
        host: str,
        first: int,
        last: int,
        time: Callable[[], float] = clock.monotonic,
        bind: Callable[[str, int], Datagrams] = bound,
    ) -> None:
        pairs = list(range(first + first % 2, last, 2))
        random.SystemRandom().shuffle(pairs)
        self._host = host
        self._time = time
        self._bind = bind
        self._free = deque(pairs)
        self._resting: deque[tuple[float, int]] = deque()
        self._used: dict[int, PortPair] = {}

    @property
    def in_use(self) -> int:
        return len(self._used)

    def take(self) -> PortPair:
        """Both sockets are bound. Raises NoPortLeft."""
        self._wake()
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                pair = self._open(port)
            except OSError:
                self._rest(port)
                continue
            self._used[port] = pair
            return pair
        raise NoPortLeft("every port for RTP is in use, or was a moment ago")

    def give_back(self, pair: PortPair) -> None:
        """Closes both sockets. A second time does nothing, also when the ports are another call's by then."""
        if self._used.get(pair.port) is pair:
            del self._used[pair.port]
            pair.rtp.close()
            pair.rtcp.close()
            self._rest(pair.port)

    def _open(self, port: int) -> PortPair:
        rtp = self._bind(self._host, port)
        try:
            return PortPair(port, rtp, self._bind(self._host, port + 1))
        except BaseException:
            rtp.close()
            raise

    def _rest(self, port: int) -> None:
        self._resting.append((self._time() + _REST_S, port))

    def _wake(self) -> None:
        now = self._time()
        while self._resting and self._resting[0][0] <= now:
            self._free.append(self._resting.popleft()[1])
