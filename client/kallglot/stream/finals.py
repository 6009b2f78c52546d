"""Every final once: none is lost with a connection, none comes twice with the next. Pure."""

from __future__ import annotations

from kallglot.stream.messages import Message, Transcript


class Finals:
    """`last_sequence` is that of the last final that was passed on; None before there was one.

    Finals come in the order of their sequence. After a reconnect the server sends all that follow `last_sequence`; one
    that was on its way when the connection broke may be among them again.
    """

    def __init__(self, last_sequence: int | None = None) -> None:
        self.last_sequence = last_sequence

    def is_new(self, message: Message) -> bool:
        """Everything but a final is."""
        if not (isinstance(message, Transcript) and message.is_final):
            return True
        if self.last_sequence is not None and message.sequence <= self.last_sequence:
            return False
        self.last_sequence = message.sequence
        return True
