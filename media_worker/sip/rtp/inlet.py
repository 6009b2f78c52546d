"""Reading one UDP socket on the event loop, fairly: a flood on one port is the kernel's to drop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from media_worker.sip.rtp.ports import Datagrams

# All sockets are read by one loop, and what is read is used up before the next is.
_inbox = bytearray(2048)
_view = memoryview(_inbox)


class Inlet:
    """`take` gets each datagram, to be used up at once, and its source; `most` of them between two `refill`s."""

    def __init__(self, datagrams: Datagrams, take: Callable[[memoryview, Any], None], most: int) -> None:
        self._datagrams = datagrams
        self._take = take
        self._most = self._left = most
        self._loop = asyncio.get_running_loop()

    def open(self) -> None:
        self._loop.add_reader(self._datagrams.fileno(), self._readable)

    def close(self) -> None:
        """Before the socket is closed."""
        self._loop.remove_reader(self._datagrams.fileno())

    def refill(self) -> None:
        if self._left <= 0:
            self.open()
        self._left = self._most

    def _readable(self) -> None:
        """One datagram: the loop comes again for the next, and to other calls in between."""
        try:
            size, source = self._datagrams.recvfrom_into(_inbox)
        except OSError:
            return
        self._left -= 1
        if self._left <= 0:
            self.close()
        self._take(_view[:size], source)
