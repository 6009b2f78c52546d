"""kallglot talk: say a WAV file into a session and see what comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.commands.sessions import add_session_options, session_fields
from kallglot.cli.context import Context

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands
    from kallglot.stream import Stream
    from kallglot.stream.messages import Message

_LISTEN_S = 4.0


def add_to(commands: Commands) -> None:
    command = commands.add("talk", _talk, "say a WAV file into a new session, and read what comes back")
    command.add_argument("wav", type=Path, help="16-bit, 8 kHz")
    command.add_argument("--speaker", choices=("customer", "agent"), default="customer")
    add_session_options(command)


def _talk(context: Context) -> None:
    asyncio.run(_talked(context))


async def _talked(context: Context) -> None:
    from kallglot import audio  # noqa: PLC0415
    from kallglot.stream import Stream  # noqa: PLC0415

    speech = audio.encode(audio.read_wav(context.options.wav))
    async with context.async_client() as client:
        session = await client.sessions.create(**session_fields(context.options))
        context.screen.note(session.id)
        async with Stream.open(session["stream"]["url"], session["stream"]["token"]) as stream:
            await _say_and_listen(context, stream, speech)


async def _say_and_listen(context: Context, stream: Stream, speech: bytes) -> None:
    async def say() -> None:
        async with stream.live(context.options.speaker):
            await stream.say(context.options.speaker, speech)
            await asyncio.sleep(_LISTEN_S)  # the last translation is still on its way
        await stream.end()

    speaking = asyncio.create_task(say())
    async for message in stream:
        _tell(context, message)
    await speaking


def _tell(context: Context, message: Message) -> None:
    from kallglot.stream.messages import Ended, StreamError, Transcript  # noqa: PLC0415

    match message:
        case Transcript(is_final=True):
            context.screen.line(f"{message.speaker} [{message.language}] {message.text}")
            if message.translation:
                context.screen.line(f"  → [{message.translation_language}] {message.translation}")
        case StreamError():
            context.screen.note(f"{message.code}: {message.message}")
        case Ended():
            context.screen.note(f"ended: {message.reason}")
