"""The conversations of this worker, by session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from core.domain.sessions import Role, Session
from core.domain.terminology import Terminology
from core.errors import RateLimited, Unavailable
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.leg import Leg
from media_worker.pipeline.pacer import Pacer
from media_worker.pipeline.terms import terms_of, with_terms

_log = logging.getLogger(__name__)
_TICK_S = 0.1


class Calls:
    """`takes_new` is off while other workers may believe this one dead: what it took then, they would take away."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._pacer = Pacer(equipment.time)
        self._live: dict[str, Conversation] = {}
        self._handed_over = False
        self.takes_new = True

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._live

    async def join(
        self, session_id: str, token: str, leg: Leg, last_sequence: int | None = None, *, sessions: int | None = None
    ) -> Conversation:
        """Let a leg into its conversation, and tell it what it has missed since `last_sequence`, if it says so.

        `sessions` is how many there may be here: asked when the token is good, in one step with taking the place.
        Raises the errors of `StreamService.admit` and `attach`.
        """
        session, terms = await self._equipment.offload(self._admitted, session_id, token)
        if self._handed_over:
            raise Unavailable("worker_stopping", "this worker is stopping; come again, to another one")
        conversation = self._live.get(session_id)
        if conversation is None:
            if sessions is not None and len(self._live) >= sessions:
                raise Unavailable("worker_full", "this worker has no room for another session; come again")
            conversation = self._live[session_id] = Conversation(
                session, with_terms(self._equipment, terms), self._forget
            )
        if conversation.is_full:
            raise RateLimited("too_many_streams", "this session has as many streams as it may")
        leg.plug(self._pacer)
        try:
            await conversation.join(leg, last_sequence)
        except BaseException:
            await self._drop_if_empty(conversation)
            raise
        return conversation

    def _admitted(self, session_id: str, token: str) -> tuple[Session, Terminology]:
        session = self._equipment.service.admit(session_id, token)
        return session, terms_of(session, self._equipment.terminology(session.tenant.organization_id))

    def command(self, command: Mapping[str, str]) -> None:
        """From the inbox. What it says is looked up, never believed: it may be late, or for another life."""
        conversation = self._live.get(command.get("session_id", ""))
        if conversation is None:
            return
        match command:
            case {"type": "end"}:
                conversation.look()
            case {"type": "tool_result", "call_id": call_id}:
                conversation.agent.fetch(call_id)
            case {"type": "watch"}:
                conversation.gallery.watch(command)
            case {"type": "mute" | "unmute" as kind, "participant": "customer" | "agent" as participant}:
                conversation.mute(Role(participant), kind == "mute")

    def look_again(self) -> None:
        """For too long nobody could see this worker alive: whose sessions these are now stands in the table."""
        for conversation in tuple(self._live.values()):
            conversation.look()

    async def cry_out(self) -> None:
        """What is being said, to those who watch; for ever."""
        await self._equipment.herald.run()

    async def run(self) -> None:
        """Ticks for everybody, for ever."""
        while True:
            await asyncio.sleep(_TICK_S)
            now = self._equipment.time()
            for conversation in tuple(self._live.values()):
                self._tick(conversation, now)

    async def hand_over(self) -> None:
        """Everything of everybody on paper; nothing is taken in any more."""
        self._handed_over, self.takes_new = True, False
        await asyncio.gather(*(conversation.hand_over() for conversation in tuple(self._live.values())))

    async def dismiss(self) -> None:
        await asyncio.gather(*(conversation.dismiss() for conversation in tuple(self._live.values())))

    def _tick(self, conversation: Conversation, now: float) -> None:
        try:
            conversation.tick(now)
        except Exception:
            _log.exception("a tick failed", extra={"session_id": conversation.id})

    def _forget(self, conversation: Conversation) -> None:
        if self._live.get(conversation.id) is conversation:
            del self._live[conversation.id]

    async def _drop_if_empty(self, conversation: Conversation) -> None:
        """A conversation that never had a leg is not kept for a reconnect."""
        if conversation.is_unused:
            await conversation.dismiss()
