"""UDP sockets without a network: what comes is real to the event loop, what is sent is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

PHONE = ("192.0.2.1", 4000)


class FakeDatagrams:
    """Readable as soon as somebody calls `arrive`, and until it was read, as the kernel has it."""

    def __init__(self, port: int, fails: Callable[[], OSError | None] = lambda: None) -> None:
        self.port = port
        self.closed = False
        self.sent: list[tuple[bytes, tuple[str, int]]] = []
        self.fails = fails
        self._waiting: list[tuple[bytes, Any]] = []
        self._count = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_SEMAPHORE)

    def arrive(self, data: bytes, source: Any = PHONE) -> None:
        self._waiting.append((data, source))
        os.eventfd_write(self._count, 1)

    def recvfrom_into(self, buffer: bytearray) -> tuple[int, Any]:
        os.eventfd_read(self._count)
        data, source = self._waiting.pop(0)
        size = min(len(data), len(buffer))
        buffer[:size] = data[:size]
        return size, source

    def sendto(self, data: bytes | bytearray, address: tuple[str, int]) -> int:
        if error := self.fails():
            raise error
        self.sent.append((bytes(data), address))
        return len(data)

    def fileno(self) -> int:
        return self._count

    def close(self) -> None:
        self.closed = True
        os.close(self._count)


class FakeNetwork:
    """Binds ports; those in `taken` belong to another process."""

    def __init__(self, *taken: int) -> None:
        self.taken = set(taken)
        self.sockets: dict[int, FakeDatagrams] = {}

    def bind(self, host: str, port: int) -> FakeDatagrams:
        if port in self.taken or (port in self.sockets and not self.sockets[port].closed):
            raise OSError(98, "Address already in use")
        self.sockets[port] = FakeDatagrams(port)
        return self.sockets[port]

    @property
    def open(self) -> int:
        return sum(not each.closed for each in self.sockets.values())

    def close(self) -> None:
        for each in self.sockets.values():
            if not each.closed:
                each.close()
