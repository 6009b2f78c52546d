"""Where a session's recording lies once it is finished, and a copy of it to listen to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from client import KallglotClient
from core.adapters import clients

_FINISHED_S = 30.0
_LOOK_S = 0.3


class NoRecording(Exception):
    """The recording of an ended session did not appear."""


@dataclass(frozen=True, slots=True)
class Found:
    location: str
    copy: str
    duration_s: float


async def fetch(client: KallglotClient, session_id: str, bucket: str, copy: Path) -> Found:
    """Wait for the finalizer, then copy its file. Raises NoRecording."""
    recording = await _finished(client, session_id)
    key = await asyncio.to_thread(_find, bucket, recording["id"])
    await asyncio.to_thread(_copy, bucket, key, copy)
    return Found(f"s3://{bucket}/{key}", str(copy), float(recording["duration"]))


async def _finished(client: KallglotClient, session_id: str) -> dict[str, str]:
    recording: dict[str, str] = {}
    try:
        async with asyncio.timeout(_FINISHED_S):
            while "duration" not in recording:
                await asyncio.sleep(_LOOK_S)
                recording = (await client.get(session_id))["recording"]
    except TimeoutError:
        raise NoRecording(f"the recording of {session_id} was not finished in {_FINISHED_S:.0f} s") from None
    return recording


def _copy(bucket: str, key: str, to: Path) -> None:
    to.write_bytes(clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read())


def _find(bucket: str, recording_id: str) -> str:
    pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = (item["Key"] for page in pages for item in page.get("Contents", []))
    found = next((key for key in keys if recording_id in key and key.endswith(".wav")), None)
    if found is None:
        raise NoRecording(f"{bucket} holds no WAV file of {recording_id}")
    return found
