"""kallglot talk: speak into a session, with a file, a microphone or a keyboard, and see and hear what comes back."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.commands.sessions import add_session_options, session_fields
from kallglot.cli.context import Context
from kallglot.cli.problems import INTERRUPTED, UsageProblem

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands
    from kallglot.cli.call.talking import Sounds
    from kallglot.clients import AsyncKallglot
    from kallglot.objects.sessions import Session
    from kallglot.playback import Playback

RATES_HZ = (8000, 16000, 24000, 48000)


def add_to(commands: Commands) -> None:
    command = commands.add("talk", _talk, "speak into a session, and read and hear the translation")
    command.usage = "kallglot talk [FILE | -] [options]"
    command.add_argument("sound", nargs="?", metavar="FILE", help="WAV of any kind; - for raw sound on stdin")
    _add_voice(command.add_argument_group("who speaks"))
    _add_hearing(command.add_argument_group("what becomes of it"))
    add_session_options(command.add_argument_group("the new session"))


def _add_voice(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--microphone", action="store_true", help="your own voice, until Ctrl-C (without FILE)")
    group.add_argument("--text", action="append", default=[], metavar="WORDS", help="typed words; may be repeated")
    group.add_argument("--speaker", choices=("customer", "agent"), default="customer", help="who you are (customer)")
    group.add_argument("--stereo", action="store_true", help="of FILE, left is the customer and right the agent")
    group.add_argument("--rate", type=int, choices=RATES_HZ, default=16000, help="of sound on stdin (16000)")
    group.add_argument("--encoding", choices=("pcm_16", "mulaw"), default="pcm_16", help="of sound on stdin (pcm_16)")
    group.add_argument("--linger", type=float, default=3.0, metavar="SECONDS", help="of silence, then hang up (3)")
    group.add_argument("--session", metavar="SESSION", help="join this one instead of creating one")
    group.add_argument("--keep", action="store_true", help="leave without ending the session")


def _add_hearing(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--out", type=Path, metavar="WAV", help="keep the translated speech (left: to the customer)")
    group.add_argument("--play", action="store_true", help="play it; wear headphones")
    group.add_argument("--latency", action="store_true", help="show how long each translation took")


def _talk(context: Context) -> int:
    _check(context.options)
    return asyncio.run(_talked(context))


def _check(options: argparse.Namespace) -> None:
    if options.sound and options.microphone:
        raise UsageProblem("talk with a file or with --microphone, not with both")
    if options.stereo and not options.sound:
        raise UsageProblem("--stereo is for files: a microphone is one person's")


async def _talked(context: Context) -> int:
    from kallglot.cli.call import captions, sources, talking  # noqa: PLC0415

    options, screen = context.options, context.screen
    format = sources.format_of(options)
    pieces = sources.pieces_of(options, format)
    is_live = options.microphone or not (pieces or options.text)
    with ExitStack() as open_things:
        sounds = _sounds(open_things, context, talking.Sounds(format))
        async with context.async_client() as client:
            session = await _session(client, options)
            screen.note(f"{session.id}{': speak, Ctrl-C hangs up' if is_live else ''}")
            languages = (session.source_language, session.target_language)
            shown = open_things.enter_context(captions.captions(screen, languages, latency=options.latency))
            listens_as = options.speaker if options.session else None
            async with client.stream(session, format=format, participant=listens_as) as stream:
                talk = talking.Talk(stream, shown, sounds, options.speaker, options.text, pieces, is_live)
                talk.linger_s, talk.hangs_up = options.linger, not options.keep
                finished = await talk.run()
    _keep(context, sounds.playback)
    return 0 if finished else INTERRUPTED


def _sounds(open_things: ExitStack, context: Context, sounds: Sounds) -> Sounds:
    from kallglot.cli.call.devices import loudspeaker  # noqa: PLC0415
    from kallglot.playback import Playback  # noqa: PLC0415

    if context.options.out is not None:
        sounds.playback = Playback(sounds.format.rate_hz)
    if context.options.play:
        sounds.loudspeaker = open_things.enter_context(loudspeaker(sounds.format.rate_hz))
    return sounds


async def _session(client: AsyncKallglot, options: argparse.Namespace) -> Session:
    if options.session:
        return await client.sessions.get(options.session)
    return await client.sessions.create(**session_fields(options))


def _keep(context: Context, playback: Playback | None) -> None:
    out: Path | None = context.options.out
    if out is None or playback is None:
        return
    if playback.is_empty:
        context.screen.note(f"nothing was spoken: {out} is not written")
        return
    playback.write(out)
    context.screen.note(f"translated speech: {out} (left what the customer heard, right the agent)")
