"""Names to addresses, within a time: the system's resolver knows none, so it runs beside the one who waits for it."""

from __future__ import annotations

import socket
import threading
from queue import Empty, SimpleQueue


class SystemResolver:
    def resolve(self, host: str, timeout_s: float) -> list[str]:
        """Every address of the name, IPv4 first; none when it has none. Raises TimeoutError.

        A query that takes longer is left to itself: its thread ends when the system gives up.
        """
        found: SimpleQueue[list[str]] = SimpleQueue()
        threading.Thread(target=lambda: found.put(_addresses(host)), daemon=True).start()
        try:
            return found.get(timeout=max(0.0, timeout_s))
        except Empty:
            raise TimeoutError from None


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    ordered = sorted(found, key=lambda info: info[0] is not socket.AF_INET)
    return list(dict.fromkeys(str(info[4][0]) for info in ordered))
