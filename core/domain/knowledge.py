"""What a knowledge base holds, as far as an answer needs it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from; shown with the agent's turn. `place` is a heading or page within the document."""

    document_id: str
    title: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, small enough to be read out or put before a model."""

    text: str
    source: Source
