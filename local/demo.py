"""`make demo`: one translated call, from nothing to the recording, and a verdict on it.

Exit code 0 when everything that was promised came; 1 with what is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kallglot import AsyncKallglot, KallglotError, Stream
from local import life, stack, voices
from local.call import Call, TurnMissing
from local.dialogue import DIALOGUE, LANGUAGES, Line
from local.progress import Progress
from local.recording import Found, NoRecording, fetch
from local.report import LatencySummary, Screen
from local.verdict import problems

FOLDER = Path(".local/demo")
_BROKEN = (*stack.FAILURES, KallglotError, TurnMissing, NoRecording)


@dataclass(frozen=True, slots=True)
class Result:
    """What a demo leaves behind; `missing` is empty when it is as it should be."""

    session: Mapping[str, Any]
    transcript: str
    latency: LatencySummary | None
    translated_wav: str
    recording: Found
    missing: Sequence[str]

    def as_dict(self) -> dict[str, Any]:
        return {"ok": not self.missing, **asdict(self)}


async def _demo(progress: Progress, as_json: bool) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with stack.up(progress) as running:
        with progress.step("let the speakers rehearse"):
            speech = await _rehearsed(DIALOGUE)
        async with AsyncKallglot(running.addresses.api_url, running.addresses.api_key) as client:
            result = await _call(progress, client, running, speech)
    if as_json:
        print(json.dumps(result.as_dict(), indent=2, ensure_ascii=False))
    for line in result.missing:
        progress.say(f"✗ {line}")
    return 1 if result.missing else 0


async def _rehearsed(dialogue: Sequence[Line]) -> dict[Line, bytes]:
    """Speech for every line that is not typed, made on the spot."""
    spoken = [line for line in dialogue if not line.typed]
    made = await asyncio.gather(*(voices.spoken(voices.BY_LANGUAGE[line.language], line.text) for line in spoken))
    return dict(zip(spoken, made, strict=True))


async def _call(
    progress: Progress, client: AsyncKallglot, running: stack.Stack, speech: Mapping[Line, bytes]
) -> Result:
    with progress.step("create a session"):
        session = await client.sessions.create(
            mode="bidirectional_translation",
            source_language=LANGUAGES["customer"],
            target_language=LANGUAGES["agent"],
            participants=[
                {"type": "customer", "language": LANGUAGES["customer"]},
                {"type": "agent", "language": LANGUAGES["agent"]},
            ],
            recording={"enabled": True, "channels": "dual"},
            metadata={"made_by": "demo"},
        )
    progress.say(f"  {session.id} at {session['stream']['url']}")
    call = Call(Screen(progress))
    async with Stream.open(session["stream"]["url"], session["stream"]["token"]) as stream:
        await call.play(stream, DIALOGUE, speech)
    translated = FOLDER / "translated.wav"
    call.ear.write(translated)
    return await _afterwards(progress, client, running, call, session["id"], translated)


async def _afterwards(
    progress: Progress,
    client: AsyncKallglot,
    running: stack.Stack,
    call: Call,
    session_id: str,
    translated: Path,
) -> Result:
    with progress.step("end the session"):
        await client.sessions.end(session_id)
    with progress.step("wait for the recording"):
        recording = await fetch(client, session_id, running.outputs.recordings_bucket, FOLDER / "recording.wav")
    session = (await client.sessions.get(session_id)).raw
    transcript = await client.sessions.transcript_text(session_id)
    latency = LatencySummary.of(call.latencies)
    _show(progress, session, transcript, latency, translated, recording)
    missing = problems(call, DIALOGUE, session, transcript, recording)
    return Result(session, transcript, latency, str(translated), recording, missing)


def _show(
    progress: Progress,
    session: Mapping[str, Any],
    transcript: str,
    latency: LatencySummary | None,
    translated: Path,
    recording: Found,
) -> None:
    progress.say(f"\nThe session\n{json.dumps(session, indent=2, ensure_ascii=False)}")
    progress.say(f"\nThe transcript\n{transcript}")
    progress.say(f"Latency            {latency or 'nothing was spoken'}")
    progress.say(f"Translated speech  {translated} (left what the customer heard, right the agent)")
    progress.say(f"Recording          {recording.location}, copied to {recording.copy}\n")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make demo ARGS=…", description="Play one translated call")
    parser.add_argument("--json", action="store_true", help="the result as JSON on stdout, everything else on stderr")
    as_json = parser.parse_args(arguments).json
    progress = Progress(sys.stderr if as_json else sys.stdout)
    try:
        return life.run(_demo(progress, as_json))
    except _BROKEN as error:
        progress.say(f"✗ {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
