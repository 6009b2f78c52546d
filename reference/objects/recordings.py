"""Recordings: `core.domain.recordings`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reference.objects.base import ListOf, Seconds, Shown, Timestamp
from reference.objects.sessions import SessionId

RecordingId = Annotated[str, Field(pattern="^rec_", examples=["rec_01HABC987654321"])]


class Recording(Shown):
    id: RecordingId
    object: Literal["recording"]
    session_id: SessionId
    channel: Literal["mixed"]
    channels: Annotated[int, Field(ge=1, le=2, description="2: left customer, right agent; 1: mixed.")]
    duration: Annotated[Seconds | None, Field(description="Null until the file is made.")]
    format: Literal["wav"]
    size: Annotated[int | None, Field(ge=0, description="Bytes of the WAV file; null until it is made.")]
    sample_rate: int
    bit_depth: int
    status: Literal["processing", "ready", "failed"]
    download_url: Annotated[
        str | None, Field(json_schema_extra={"format": "uri"}, description="Where the WAV file is for five minutes.")
    ]
    created_at: Timestamp
    expires_at: Annotated[Timestamp | None, Field(description="When the file is deleted.")]


class RecordingList(ListOf):
    data: list[Recording]


class DeletedRecording(Shown):
    id: RecordingId
    object: Literal["recording"]
    deleted: Literal[True]
