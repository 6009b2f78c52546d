"""/v1/sessions: create, read, list, dial, end, and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kallglot.exchange.exchanging import until
from kallglot.exchange.requests import Repeat, Request, given, path, query
from kallglot.exchange.steps import Plan
from kallglot.objects.agents import ToolCall
from kallglot.objects.bodies import one, text
from kallglot.objects.lists import Page, page_of
from kallglot.objects.recordings import Recording
from kallglot.objects.sessions import Leg, Session
from kallglot.objects.transcripts import Transcript
from kallglot.routes.inputs import (
    AgentIn,
    Mode,
    ParticipantIn,
    ProviderIn,
    Reason,
    RecordingIn,
    RoutingIn,
    TextFormat,
    TranscriptionIn,
    TranslationIn,
)
from kallglot.routes.route import Client, Errand, Listing, Resource, Route


class Sessions(Resource[Client]):
    @Route
    def create(
        self,
        *,
        mode: Mode,
        source_language: str | None = None,
        target_language: str | None = None,
        participants: Sequence[ParticipantIn] | None = None,
        provider: ProviderIn | None = None,
        routing: RoutingIn | None = None,
        ai_agent: AgentIn | None = None,
        recording: RecordingIn | None = None,
        transcription: TranscriptionIn | None = None,
        translation: TranslationIn | None = None,
        voices: Mapping[str, str] | None = None,
        webhook_url: str | None = None,
        metadata: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Request[Session]:
        """A new session. Made once, however often the network fails: an idempotency key goes with it.

        `voices` are names by language, as in `{"de": "thorsten"}`; `extra_body` is for fields that this version does
        not know.
        """
        fields = given(
            mode=mode,
            source_language=source_language,
            target_language=target_language,
            participants=participants and list(participants),
            provider=provider,
            routing=routing,
            ai_agent=ai_agent,
            recording=recording,
            transcription=transcription,
            translation=translation,
            voices=voices and dict(voices),
            webhook_url=webhook_url,
            metadata=metadata and dict(metadata),
        )
        body = {**fields, **(extra_body or {})}
        return Request("POST", "/sessions", one(Session), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def get(self, session_id: str) -> Request[Session]:
        """As it is now. Its `stream` has a fresh token when the last one is past half its life."""
        return Request("GET", path("sessions", session_id), one(Session))

    @Listing
    def list(
        self,
        *,
        status: str | None = None,
        created_after: datetime | str | None = None,
        limit: int | None = None,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Request[Page[Session]]:
        """Newest first. `limit` is the size of a page, 1 to 100; iterating goes on to the last one."""
        asked = query(
            status=status,
            created_after=created_after,
            limit=limit,
            starting_after=starting_after,
            ending_before=ending_before,
        )
        return Request("GET", "/sessions", page_of(Session), asked)

    @Route
    def end(
        self, session_id: str, *, reason: Reason | None = None, idempotency_key: str | None = None
    ) -> Request[Session]:
        """Hang up. A session that has ended already is answered as it is."""
        where = path("sessions", session_id, "end")
        return Request("POST", where, one(Session), {}, given(reason=reason), Repeat.BY_KEY, idempotency_key)

    @Route
    def dial(
        self,
        session_id: str,
        *,
        to: str,
        from_: str | None = None,
        participant: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Request[Leg]:
        """Call a telephone (E.164) into the session: a promise, kept once and never twice for one idempotency key."""
        where = path("sessions", session_id, "dial")
        body = {**given(to=to, from_=from_, participant=participant), **(extra_body or {})}
        return Request("POST", where, one(Leg), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def tool_result(
        self, session_id: str, call_id: str, result: Any = None, *, error: str | None = None
    ) -> Request[ToolCall]:
        """Answer what an agent wanted done (`agent.tool_call`): with any JSON, or with what went wrong.

        The first answer counts, and the very same one may be sent again. Raises Conflict once there is another, or the
        time is over.
        """
        answer = {"result": result} if error is None else {"error": error}
        where = path("sessions", session_id, "tool_results")
        return Request("POST", where, one(ToolCall), {}, {"call_id": call_id, **answer})

    @Route
    def transcript(self, session_id: str, *, include_translations: bool | None = None) -> Request[Transcript]:
        """What was said so far, turn by turn; readable while the call runs."""
        asked = query(include_translations=include_translations)
        return Request("GET", path("sessions", session_id, "transcript"), one(Transcript), asked)

    @Route
    def transcript_text(
        self, session_id: str, format: TextFormat = "text", *, include_translations: bool | None = None
    ) -> Request[str]:
        """For people (`text`), or as subtitles (`srt`, `vtt`)."""
        asked = query(format=format, include_translations=include_translations)
        return Request("GET", path("sessions", session_id, "transcript"), text, asked)

    @Listing
    def recordings(self, session_id: str) -> Request[Page[Recording]]:
        """None before the first audio."""
        return Request("GET", path("sessions", session_id, "recordings"), page_of(Recording))

    @Errand
    def wait_until(self, session_id: str, status: str = "ended", *, timeout_s: float = 30.0) -> Plan[Session]:
        """Ask until the session has this status. Raises TimedOut when it does not come to it in time."""
        return until(
            Sessions.get.build(self, session_id),
            lambda session: session.status == status,
            self._terms,
            timeout_s,
            f"{session_id} is not {status}",
        )
