"""Takes what a model thinks to itself, `<think>` … `</think>`, out of what it says, where its server does not. Pure."""

from __future__ import annotations

_BEGIN, _END = "<think>", "</think>"


class Thoughts:
    """For one answer. Only at its beginning: later the words may be meant."""

    def __init__(self) -> None:
        self._held = ""
        self._thinks: bool | None = None

    def take(self, piece: str) -> str:
        """What may be said now; the first letters wait until it is clear what they are."""
        if self._thinks is False:
            return piece
        self._held = (self._held + piece).lstrip() if self._thinks is None else self._held + piece
        if self._thinks is None and self._held.startswith(_BEGIN):
            self._thinks = True
        if self._thinks:
            return self._thought()
        return "" if _BEGIN.startswith(self._held) else self.rest()

    def rest(self) -> str:
        """What was held back when no more comes; a thought without an end is no answer."""
        held, self._held = self._held, ""
        said = "" if self._thinks else held
        self._thinks = False
        return said

    def _thought(self) -> str:
        """Keeps no more than what may be the beginning of its end."""
        _, end, said = self._held.partition(_END)
        if not end:
            self._held = self._held[-len(_END) :]
            return ""
        self._held, self._thinks = "", False
        return said.lstrip()
