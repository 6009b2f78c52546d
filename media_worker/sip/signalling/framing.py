"""Where one SIP message ends and the next begins in a stream of bytes (RFC 3261, section 18.3). Pure."""

from __future__ import annotations

import re

LARGEST_HEADER_BYTES = 16 * 1024
LARGEST_BODY_BYTES = 16 * 1024
KEEP_ALIVE = b"\r\n\r\n"
"""What a client sends to keep its connection (RFC 5626, section 3.5.1); answered by half of it."""

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*(?=\r\n)", re.IGNORECASE)


class Unframed(ValueError):
    """Nobody can say any more where a message begins: the connection is of no further use."""


class Framer:
    """Bytes in as they come, whole messages out. Holds at most one message that is not whole."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.keep_alives = 0
        """Seen since it was last looked at."""

    def feed(self, data: bytes) -> list[bytes]:
        """Raises Unframed."""
        self._held += data
        messages: list[bytes] = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        self._skip_keep_alives()
        end = self._held.find(_END)
        if end < 0:
            if len(self._held) > LARGEST_HEADER_BYTES:
                raise Unframed("the header of a message has no end")
            return None
        body_at = end + len(_END)
        if body_at > LARGEST_HEADER_BYTES:
            raise Unframed("the header of a message is too long")
        whole = body_at + self._body_bytes(end)
        if len(self._held) < whole:
            return None
        message = bytes(self._held[:whole])
        del self._held[:whole]
        return message

    def _skip_keep_alives(self) -> None:
        while self._held.startswith(KEEP_ALIVE):
            self.keep_alives += 1
            del self._held[: len(KEEP_ALIVE)]
        # The half of one, or the answer to ours: a message never begins so.
        while len(self._held) > 2 and self._held.startswith(b"\r\n") and not KEEP_ALIVE.startswith(self._held[:4]):
            del self._held[:2]

    def _body_bytes(self, end: int) -> int:
        found = _LENGTH.search(self._held, 0, end + 2)
        if found is None:
            raise Unframed("a message on a stream says how long its body is")
        length = int(found[1])
        if length > LARGEST_BODY_BYTES:
            raise Unframed("the body of a message is too long")
        return length
