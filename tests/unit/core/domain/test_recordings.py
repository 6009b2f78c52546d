from __future__ import annotations

import io
import wave
from datetime import timedelta

import pytest

from core.domain.recordings import (
    Format,
    RecordingStatus,
    begun,
    chunk_key,
    deleted,
    file_key,
    files_prefix,
    finished,
    generation_prefix,
    recording_object,
    wav_header,
)
from core.domain.sessions import Recording
from tests.builders import a_recorded, a_session
from tests.fakes.clocks import START


def test_the_header_is_a_wav_file_others_can_read() -> None:
    samples = b"\x01\x00\x02\x00" * 8000

    with wave.open(io.BytesIO(wav_header(len(samples), 2) + samples)) as read:
        assert (read.getnchannels(), read.getframerate(), read.getsampwidth()) == (2, 8000, 2)
        assert read.getnframes() == 8000
        assert read.readframes(8000) == samples


def test_the_tenant_and_who_wrote_it_are_part_of_every_key() -> None:
    session = a_session(recording=Recording(True, id="rec_1"), epoch=2)

    assert chunk_key(session, 3) == "chunks/org_acme/live/sess_1/rec_1/000002-000003.pcm"
    assert file_key(a_recorded(chunk_count=4), Format.MP3) == "recordings/org_acme/live/sess_1/rec_1/000004.mp3"


def test_files_of_more_chunks_lie_under_another_key_below_the_same_place() -> None:
    few, more = a_recorded(chunk_count=4), a_recorded(chunk_count=5)

    assert generation_prefix(few) != generation_prefix(more)
    assert generation_prefix(few).startswith(files_prefix(more))
    assert all(file_key(few, form).startswith(generation_prefix(few)) for form in Format)


def test_a_recording_begins_with_the_first_audio() -> None:
    assert begun(a_session(recording=Recording(True))) is None

    recorded = begun(a_session(recording=Recording(True, id="rec_1"), started_at=START + timedelta(seconds=3)))

    assert recorded is not None
    assert (recorded.status, recorded.created_at) == (RecordingStatus.PROCESSING, START + timedelta(seconds=3))
    assert recording_object(recorded) == {
        "id": "rec_1",
        "object": "recording",
        "session_id": "sess_1",
        "channel": "mixed",
        "channels": 2,
        "duration": None,
        "format": "wav",
        "size": None,
        "sample_rate": 8000,
        "bit_depth": 16,
        "status": "processing",
        "download_url": None,
        "created_at": "2026-03-26T11:00:03Z",
        "expires_at": None,
    }


def test_a_finished_recording_expires_by_its_beginning() -> None:
    done = finished(a_recorded(), 12_000, {Format.WAV: 48_044}, 2, timedelta(days=10))

    assert (done.status, done.duration_s, done.chunk_count) == (RecordingStatus.READY, 1.5, 2)
    assert done.expires_at == START + timedelta(days=10)
    assert done.is_there(START + timedelta(days=10) - timedelta(seconds=1))
    assert not done.is_there(START + timedelta(days=10))


def test_without_a_file_it_has_failed() -> None:
    assert finished(a_recorded(), 0, {}, 0, timedelta(days=10)).status is RecordingStatus.FAILED


@pytest.mark.parametrize("status", RecordingStatus)
def test_what_was_deleted_is_not_there(status: RecordingStatus) -> None:
    assert not deleted(a_recorded(status=status)).is_there(START)
    assert a_recorded(status=status).is_there(START) == (status is not RecordingStatus.DELETED)
