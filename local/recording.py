"""Where a session's recording lies once it is finished, and a copy of it to listen to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from core.adapters import clients
from kallglot import AsyncKallglot, RecordingFailed, TimedOut

_FINISHED_S = 30.0


class NoRecording(Exception):
    """The recording of an ended session did not appear."""


@dataclass(frozen=True, slots=True)
class Found:
    location: str
    copy: str
    duration_s: float


async def fetch(client: AsyncKallglot, session_id: str, bucket: str, copy: Path) -> Found:
    """Wait for the finalizer, then download what it made, as a customer would. Raises NoRecording."""
    recording_id = (await client.sessions.get(session_id)).recording.id
    if recording_id is None:
        raise NoRecording(f"{session_id} has no recording")
    try:
        recording = await client.recordings.wait_until_ready(recording_id, timeout_s=_FINISHED_S)
    except (TimedOut, RecordingFailed) as error:
        raise NoRecording(str(error)) from error
    await client.recordings.download(recording_id, copy)
    key = await asyncio.to_thread(_find, bucket, recording_id)
    return Found(f"s3://{bucket}/{key}", str(copy), recording.duration or 0.0)


def _find(bucket: str, recording_id: str) -> str:
    pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = (item["Key"] for page in pages for item in page.get("Contents", []))
    found = next((key for key in keys if recording_id in key and key.endswith(".wav")), None)
    if found is None:
        raise NoRecording(f"{bucket} holds no WAV file of {recording_id}")
    return found
