"""The words that all carriers' media streams share; connected and start are each carrier's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from media_worker.dialects.carrier import CarrierDialect
from media_worker.messages import ClientMessage

Name = Annotated[str, msgspec.Meta(max_length=200)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Chunk = Annotated[str, msgspec.Meta(max_length=20)] | int


class Word(msgspec.Struct, frozen=True, gc=False, tag_field="event"):
    """Fields that are not ours to know may come and go."""


class Sound(msgspec.Struct, frozen=True, gc=False):
    payload: bytes
    chunk: Chunk
    track: str = "inbound"


class Media(Word, frozen=True, gc=False, tag="media"):
    media: Sound


class Named(msgspec.Struct, frozen=True, gc=False):
    name: Name


class MarkAnswer(Word, frozen=True, gc=False, tag="mark"):
    mark: Named


class Dtmf(Word, frozen=True, gc=False, tag="dtmf"):
    """A key was pressed. Nothing here is steered by keys."""


class Stop(Word, frozen=True, gc=False, tag="stop"):
    pass


READ: Mapping[type, Callable[[CarrierDialect, Any], Sequence[ClientMessage]]] = MappingProxyType(
    {
        Media: lambda dialect, word: dialect.media(word.media.track, word.media.chunk, word.media.payload),
        MarkAnswer: lambda dialect, word: dialect.marked(word.mark.name),
        Dtmf: lambda dialect, word: (),
        Stop: lambda dialect, word: dialect.stopped(),
    }
)
