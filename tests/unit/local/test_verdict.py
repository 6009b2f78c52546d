from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import pytest

from kallglot import audio
from kallglot.stream.messages import StreamError, Transcript
from local.call import Call
from local.dialogue import Line
from local.ear import Ear
from local.progress import Progress
from local.recording import Found
from local.report import Screen
from local.verdict import problems

LOUD = array("h", [8000, -8000] * 4000)
DIALOGUE = (Line("customer", "Hello"), Line("agent", "Hola", typed=True))
SESSION: dict[str, Any] = {"status": "ended", "transcript": {"available": True}}
TEXT = "Customer: hello\n[es] hola\nAgent: Hola\n[en] hi\n"


def final(speaker: str, text: str, translation: str | None) -> Transcript:
    return Transcript("seg_1", 1, speaker, "en", text, True, 0, 1, 0.9, "es", translation)


@pytest.fixture
def call() -> Call:
    """One with nothing wrong."""
    made = Call(Screen(Progress()), Ear())
    made.finals += [final("customer", "hello", "hola"), final("agent", "Hola", "hi")]
    for listener in ("customer", "agent"):
        made.ear.hear_mulaw(listener, audio.encode(LOUD))
    return made


@pytest.fixture
def recording(tmp_path: Path) -> Found:
    path = tmp_path / "recording.wav"
    audio.write_wav(path, LOUD, LOUD)
    return Found("s3://b/k", str(path), 1.0)


def test_a_good_call_has_no_problems(call: Call, recording: Found) -> None:
    assert problems(call, DIALOGUE, SESSION, TEXT, recording) == []


def test_a_line_that_was_not_translated_is_missed(call: Call, recording: Found) -> None:
    call.finals[1] = final("agent", "Hola", None)
    assert problems(call, DIALOGUE, SESSION, TEXT, recording) == ["the agent spoke 1 lines and 0 were translated"]


def test_silence_is_missed_on_either_side(call: Call, recording: Found) -> None:
    call.ear = Ear()
    missing = problems(call, DIALOGUE, SESSION, TEXT, recording)
    assert [line.partition(" (")[0] for line in missing] == ["the customer heard nothing", "the agent heard nothing"]


def test_a_silent_side_of_the_recording_is_missed(call: Call, recording: Found) -> None:
    audio.write_wav(Path(recording.copy), LOUD, array("h", bytes(2 * len(LOUD))))
    [missing] = problems(call, DIALOGUE, SESSION, TEXT, recording)
    assert missing.startswith("the agent's side of the recording is silent")


def test_a_recording_with_one_channel_is_not_dual(call: Call, recording: Found) -> None:
    audio.write_wav(Path(recording.copy), LOUD)
    assert problems(call, DIALOGUE, SESSION, TEXT, recording) == [
        "the recording has 1 channel(s), not one for each side"
    ]


def test_a_turn_that_the_transcript_lacks_is_missed(call: Call, recording: Found) -> None:
    assert problems(call, DIALOGUE, SESSION, "Customer: hello", recording) == ["turn 1 is missing in the transcript"]


def test_a_session_that_lives_on_is_a_problem(call: Call, recording: Found) -> None:
    session = {"status": "ending", "transcript": {"available": False}}
    assert len(problems(call, DIALOGUE, session, TEXT, recording)) == 2


def test_errors_of_the_stream_are_problems_but_not_being_understood_once_is_life(call: Call, recording: Found) -> None:
    call.errors.append(StreamError("not_understood", "…", False))
    assert problems(call, DIALOGUE, SESSION, TEXT, recording) == []
    call.errors.append(StreamError("speech_unavailable", "no voice", False))
    assert problems(call, DIALOGUE, SESSION, TEXT, recording) == ["the stream reported speech_unavailable: no voice"]
