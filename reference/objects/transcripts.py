"""Transcripts: `core.domain.transcripts`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.sessions import Role
from reference.objects.base import Maybe, Seconds, Shown, Timestamp
from reference.objects.sessions import SessionId


class TranscriptLanguages(Shown):
    source: str | None
    target: str | None


class Translation(Shown):
    language: str
    text: str
    figures_to_check: Annotated[
        Maybe[list[str]],
        Field(
            min_length=1,
            description="Numbers and references that were said and are not in the translation, or the other way round. "
            "Only there where that is so.",
        ),
    ] = None
    terms_to_check: Annotated[
        Maybe[list[str]],
        Field(
            min_length=1,
            description="What the glossary or the names that are not translated demand and the translation does not "
            "hold. Only there where that is so.",
        ),
    ] = None


INTERRUPTED = "An agent's turn: the caller interrupted, and this is what was heard. Only there where that is so."


class TurnSource(Shown):
    """What an agent's answer rests on."""

    document_id: str
    title: str
    place: Annotated[str | None, Field(description="A heading or a page of the document.")]


class _Spoken(Shown):
    id: Annotated[str, Field(pattern="^seg_")]
    sequence: Annotated[int, Field(ge=1, description="1 for the first turn of the session.")]
    speaker: Role
    language: str
    text: str
    timestamp: Annotated[Timestamp, Field(description="When it was said.")]
    start_time: Annotated[Seconds, Field(description="Seconds from the session's first audio.")]
    end_time: Seconds
    confidence: Annotated[float, Field(ge=0, le=1)]
    participant: Annotated[
        Maybe[str], Field(description="The speaker's id, where the session's participants have ids.")
    ] = None
    sources: Annotated[Maybe[list[TurnSource]], Field(min_length=1)] = None
    interrupted: Annotated[Maybe[bool], Field(description=INTERRUPTED)] = None


class Turn(_Spoken):
    translation: Annotated[Maybe[Translation], Field(description="For the other side of the call.")] = None
    further_translations: Annotated[
        Maybe[list[Translation]], Field(description="For participants who speak yet other languages.")
    ] = None


class Segment(_Spoken):
    """A turn in the shape of the first generation."""

    translation: Maybe[str] = None


class TranscriptMetadata(Shown):
    total_turns: Annotated[int, Field(ge=0)]
    duration_seconds: Seconds
    languages_detected: list[str]


class Transcript(Shown):
    """Both generations at once: `turns`, and `segments` with the translation as a plain string."""

    id: Annotated[str, Field(pattern="^trn_sess_")]
    object: Literal["transcript"]
    session_id: SessionId
    status: Literal["in_progress", "completed"]
    language: TranscriptLanguages
    turns: list[Turn]
    segments: list[Segment]
    duration: Seconds
    word_count: Annotated[int, Field(ge=0)]
    metadata: TranscriptMetadata
