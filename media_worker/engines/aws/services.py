"""What the managed engines need of AWS; `core.adapters` does it, and only this set's `wiring` knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Event(Protocol):
    """A result of Transcribe: `items` are its words and marks with times in seconds and, in finals, confidence."""

    @property
    def id(self) -> str: ...

    @property
    def is_partial(self) -> bool: ...

    @property
    def text(self) -> str: ...

    @property
    def items(self) -> tuple[Mapping[str, Any], ...]: ...


class Addresses(Protocol):
    def address(self, parameters: Mapping[str, str]) -> str:
        """Where one stream with these parameters may be opened, once and soon."""
        ...


class Events(Protocol):
    def read(self, data: bytes) -> Iterator[Event]: ...


class Texts(Protocol):
    def translate(self, text: str, source: str, target: str) -> str: ...


class Sounds(Protocol):
    def speak(self, text: str, voice: str, engine: str, language: str, rate_hz: int) -> Iterator[bytes]: ...
