"""kallglot watch: look on while others talk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kallglot.cli.context import Context

if TYPE_CHECKING:
    from kallglot.cli.arguments import Commands


def add_to(commands: Commands) -> None:
    command = commands.add("watch", follow, "follow a session's transcript until it ends")
    command.add_argument("session")


def follow(context: Context) -> None:
    asyncio.run(_followed(context))


async def _followed(context: Context) -> None:
    from kallglot.cli.call.captions import captions  # noqa: PLC0415

    session_id = context.options.session
    async with context.async_client() as client:
        session = await client.sessions.get(session_id)
        with captions(context.screen, (session.source_language, session.target_language)) as shown:
            async for message in client.watch(session_id, context.configuration.events_url):
                shown.message(message)
