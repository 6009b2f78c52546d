from __future__ import annotations

import io
import wave

from core.domain.recordings import chunk_key, file_key, wav_header
from core.domain.sessions import Recording
from tests.unit.core.domain.test_sessions import a_session


def test_the_header_is_a_wav_file_others_can_read() -> None:
    samples = b"\x01\x00\x02\x00" * 8000

    with wave.open(io.BytesIO(wav_header(len(samples), 2) + samples)) as read:
        assert (read.getnchannels(), read.getframerate(), read.getsampwidth()) == (2, 8000, 2)
        assert read.getnframes() == 8000
        assert read.readframes(8000) == samples


def test_the_tenant_is_part_of_every_key() -> None:
    session = a_session(recording=Recording(True, id="rec_1"))

    assert chunk_key(session, 3) == "org_1/live/sess_1/rec_1/chunks/0000-000003.pcm"
    assert file_key(session) == "org_1/live/sess_1/rec_1/recording.wav"
