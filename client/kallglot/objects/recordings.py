"""The sound of a session, once it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kallglot.objects.reading import Object


@dataclass(frozen=True, kw_only=True)
class Recording(Object):
    """`status` is processing, ready or failed; `size` in bytes, `duration` in seconds, of the WAV file."""

    session_id: str = ""
    status: str = ""
    channel: str = ""
    channels: int = 0
    duration: float | None = None
    format: str = ""
    size: int | None = None
    sample_rate: int = 0
    bit_depth: int = 0
    download_url: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Deleted(Object):
    """What a delete answers with."""

    deleted: bool = False
