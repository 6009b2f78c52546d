"""What a call must have brought, in words when it has not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kallglot import audio
from local.call import NOT_UNDERSTOOD, Call
from local.dialogue import Line
from local.ear import LISTENERS, is_speech, loudness
from local.recording import Found


def problems(
    call: Call, dialogue: Sequence[Line], session: Mapping[str, Any], transcript: str, recording: Found
) -> list[str]:
    """Empty when the call is as it should be."""
    return [
        *_of_the_turns(call, dialogue),
        *_of_the_sound(call),
        *_of_the_session(session),
        *_of_the_transcript(call, transcript),
        *_of_the_recording(recording),
    ]


def _of_the_turns(call: Call, dialogue: Sequence[Line]) -> Iterator[str]:
    for speaker in LISTENERS:
        said = sum(line.speaker == speaker for line in dialogue)
        translated = sum(bool(final.translation) for final in call.finals_of(speaker))
        if translated < said:
            yield f"the {speaker} spoke {said} lines and {translated} were translated"
    for error in (error for error in call.errors if error.code != NOT_UNDERSTOOD):
        yield f"the stream reported {error.code}: {error.message}"


def _of_the_sound(call: Call) -> Iterator[str]:
    for listener in LISTENERS:
        if not call.ear.has_heard(listener):
            yield f"the {listener} heard nothing (loudness {call.ear.loudness(listener):.0f})"


def _of_the_session(session: Mapping[str, Any]) -> Iterator[str]:
    if session["status"] != "ended":
        yield f"the session is {session['status']}, not ended"
    if not session["transcript"]["available"]:
        yield "the session has no transcript"


def _of_the_transcript(call: Call, transcript: str) -> Iterator[str]:
    for final in call.finals:
        if final.text not in transcript:
            yield f"turn {final.sequence} is missing in the transcript"


def _of_the_recording(recording: Found) -> Iterator[str]:
    channels = audio.read_wav_channels(Path(recording.copy))
    if len(channels) != len(LISTENERS):
        yield f"the recording has {len(channels)} channel(s), not one for each side"
    for name, channel in zip(LISTENERS, channels, strict=False):
        if not is_speech(channel):
            yield f"the {name}'s side of the recording is silent (loudness {loudness(channel):.0f})"
