"""What a dialect is: the words of one kind of client, without any I/O.

Bytes of a frame in, messages out; a message in, the bytes of a text frame out. What cannot be understood is a
value (`Refused`), never an exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from media_worker.audio.formats import AudioFormat
from media_worker.messages import ClientMessage, ServerMessage


class Dialect(Protocol):
    @property
    def paced(self) -> bool:
        """Whether this client plays what it gets at once, and so must get it 20 ms by 20 ms."""
        ...

    @property
    def format(self) -> AudioFormat:
        """How this client wants to be spoken to: as it spoke last."""
        ...

    def receive(self, frame: bytes, *, binary: bool) -> Sequence[ClientMessage]: ...

    def send(self, message: ServerMessage) -> bytes:
        """One text frame; empty when this dialect has no word for it. `Speech` must be at `format.rate_hz`."""
        ...
