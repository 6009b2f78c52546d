"""`python -m client create|talk|languages`: the public API from a terminal.

Where the API is and which key opens it come from --api/--key, else from KALLGLOT_API_URL/KALLGLOT_API_KEY,
else from what `make run` has written to .local/run.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from client import audio
from client.api import ApiError, KallglotClient
from client.messages import Ended, Message, StreamError, Transcript
from client.stream import Stream, StreamClosed

_RUNNING = Path(".local/run.json")
_LISTEN_S = 4.0


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_COMMANDS[options.command](options))
    except (ApiError, StreamClosed, ValueError, OSError) as error:
        print(f"kallglot: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _create(options: argparse.Namespace) -> None:
    async with _client(options) as client:
        _show(await _new_session(client, options))


async def _languages(options: argparse.Namespace) -> None:
    async with _client(options) as client:
        _show(await client.languages())


async def _talk(options: argparse.Namespace) -> None:
    """One speaker says a WAV file; what the server makes of it is printed."""
    speech = audio.encode(audio.read_wav(options.wav))
    async with _client(options) as client:
        session = await _new_session(client, options)
        print(session["id"], file=sys.stderr)
        async with Stream.open(session["stream"]["url"], session["stream"]["token"]) as stream:
            await _say_and_listen(stream, options.speaker, speech)


async def _say_and_listen(stream: Stream, speaker: str, speech: bytes) -> None:
    async def say() -> None:
        async with stream.live(speaker):
            await stream.say(speaker, speech)
            await asyncio.sleep(_LISTEN_S)  # the last translation is still on its way
        await stream.end()

    speaking = asyncio.create_task(say())
    async for message in stream:
        _tell(message)
    await speaking


def _tell(message: Message) -> None:
    match message:
        case Transcript(is_final=True):
            print(f"{message.speaker} [{message.language}] {message.text}")
            if message.translation:
                print(f"  → [{message.translation_language}] {message.translation}")
        case StreamError():
            print(f"{message.code}: {message.message}", file=sys.stderr)
        case Ended():
            print(f"ended: {message.reason}", file=sys.stderr)


async def _new_session(client: KallglotClient, options: argparse.Namespace) -> dict[str, Any]:
    return await client.create_session(
        mode=options.mode,
        source_language=options.source,
        target_language=options.target,
        recording={"enabled": options.record},
    )


def _client(options: argparse.Namespace) -> KallglotClient:
    running = json.loads(_RUNNING.read_text()) if _RUNNING.exists() else {}
    api_url = options.api or os.environ.get("KALLGLOT_API_URL") or running.get("api_url")
    api_key = options.key or os.environ.get("KALLGLOT_API_KEY") or running.get("api_key")
    if not api_url or not api_key:
        raise ValueError("give --api and --key, or start the local stack with `make run`")
    return KallglotClient(api_url, api_key)


def _show(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kallglot", description="Talk to a Kallglot deployment")
    parser.add_argument("--api", help="base URL of the API")
    parser.add_argument("--key", help="API key (sk_…); better in KALLGLOT_API_KEY")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("languages", help="what the running engines can do")
    create = commands.add_parser("create", help="create a session and print it")
    talk = commands.add_parser("talk", help="create a session, say a WAV file into it, print the transcript")
    talk.add_argument("wav", type=Path, help="16-bit, 8 kHz")
    talk.add_argument("--speaker", choices=("customer", "agent"), default="customer")
    for command in (create, talk):
        command.add_argument("--mode", default="bidirectional_translation")
        command.add_argument("--source", default="en", help="language of the customer")
        command.add_argument("--target", default="es", help="language of the agent")
        command.add_argument("--record", action="store_true")
    return parser


_COMMANDS = {"create": _create, "languages": _languages, "talk": _talk}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
