"""kallglot transcript: what was said, in four forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.commands.watch import follow
from kallglot.cli.context import Context
from kallglot.cli.problems import UsageProblem

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands


def add_to(commands: Commands) -> None:
    command = commands.add("transcript", _transcript, "what was said in a session, so far or altogether")
    command.add_argument("session")
    command.add_argument("--format", choices=("text", "srt", "vtt", "json"), default="text")
    command.add_argument("--no-translations", action="store_true", help="the original words only")
    command.add_argument("--follow", action="store_true", help="go on until the session ends, as `watch` does")
    command.add_argument("--out", type=Path, metavar="FILE", help="into a file")


def _transcript(context: Context) -> None:
    options = context.options
    if options.follow:
        _follow(context)
        return
    translated = False if options.no_translations else None
    with context.client() as client:
        if options.format == "json" or context.screen.as_json:
            read = client.sessions.transcript(options.session, include_translations=translated)
            text = json.dumps(read.raw, ensure_ascii=False, indent=2)
        else:
            text = client.sessions.transcript_text(options.session, options.format, include_translations=translated)
    _deliver(context, text.rstrip("\n"))


def _follow(context: Context) -> None:
    options = context.options
    if options.out or options.format not in ("text", "json") or options.no_translations:
        raise UsageProblem("--follow goes to the screen, as text or --json; files and subtitles are made afterwards")
    context.screen.as_json = context.screen.as_json or options.format == "json"
    follow(context)


def _deliver(context: Context, text: str) -> None:
    out: Path | None = context.options.out
    if out is not None:
        out.write_text(text + "\n")
        context.screen.note(f"written to {out}")
    elif text:
        context.screen.line(text)
    else:
        context.screen.note("nothing has been said yet")
