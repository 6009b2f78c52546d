"""kallglot recording: download the sound of a call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.context import Context
from kallglot.cli.problems import Failed
from kallglot.cli.screen import seconds

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands
    from kallglot.clients import Kallglot


def add_to(commands: Commands) -> None:
    command = commands.add("recording", _recording, "download a call's recording; what broke off goes on")
    command.add_argument("of", metavar="SESSION", help="a session (sess_…) or a recording (rec_…)")
    command.add_argument("--format", choices=("wav", "mp3"), default="wav")
    command.add_argument("--out", type=Path, metavar="FILE", help="else its id, in this folder")
    command.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="for an unfinished one (60)")
    command.add_argument("--url", action="store_true", help="print an address that plays for some minutes instead")


def _recording(context: Context) -> None:
    options, screen = context.options, context.screen
    with context.client() as client:
        recording_id = _id(client, options.of)
        recording = client.recordings.wait_until_ready(recording_id, timeout_s=options.wait)
        if options.url:
            screen.line(client.recordings.audio_url(recording_id, options.format))
            return
        to = options.out or Path(f"{recording_id}.{options.format}")
        with screen.progress(to.name) as progress:
            client.recordings.download(recording_id, to, format=options.format, progress=progress)
    if screen.as_json:
        screen.json({**recording.raw, "path": str(to)})
    else:
        screen.line(str(to))
        screen.note(f"{seconds(recording.duration)} of sound, {to.stat().st_size:,} bytes")


def _id(client: Kallglot, of: str) -> str:
    if of.startswith("rec_"):
        return of
    session = client.sessions.get(of)
    if session.recording.id is None:
        why = "nothing has been heard in it yet" if session.recording.enabled else "it was created without `--record`"
        raise Failed(f"{of} has no recording: {why}")
    return session.recording.id
