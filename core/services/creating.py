"""A new session: asked for with a key of its own, or brought by a telephone call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.domain import ids, views
from core.domain.access import Tenant, stream_token
from core.domain.events import EventType
from core.domain.leg_views import telephoned
from core.domain.legs import IncomingCall, Leg, incoming
from core.domain.organizations import Organization
from core.domain.sessions import Mode, Participant, Provider, Recording, Session, Transcription
from core.domain.terminology import Terminology
from core.errors import CreditsExhausted, IdempotencyKeyTaken, RateLimited, SeatTaken, Unavailable, WriteConflict
from core.ports import IdempotencyStore
from core.services.admission import Seating
from core.services.agent_descriptions import AgentDescriptions
from core.services.changes import Changes
from core.services.credits import CreditService
from core.services.idempotency import Answer, RequestKey, first_answer, record_of, running
from core.services.sessions import StreamAddress

# Of a hundred that want the last hundred seats at once, each is seated by then.
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class NewSession:
    """A validated create request. `ai_agent` is a description, or `{id, overrides}` of one that is kept."""

    mode: Mode
    source_language: str | None
    target_language: str | None
    provider: Provider | None = None
    participants: tuple[Participant, ...] = ()
    ai_agent: Mapping[str, Any] | None = None
    recording: Recording = field(default_factory=Recording)
    transcription: Transcription = field(default_factory=Transcription)
    terminology: Terminology = field(default_factory=Terminology)
    voices: Mapping[str, str] = field(default_factory=dict)
    webhook_url: str | None = None
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SessionCreation:
    changes: Changes
    idempotency: IdempotencyStore
    seating: Seating
    credits: CreditService
    address: StreamAddress
    descriptions: AgentDescriptions

    def create(
        self,
        tenant: Tenant,
        organization: Organization,
        new: NewSession,
        request: RequestKey | None = None,
        call: IncomingCall | None = None,
    ) -> Answer:
        """One session for one key, and for one call, however often and however concurrently it is asked for.

        Raises CreditsExhausted or RateLimited, Conflict when the call has its session already, and what
        `AgentDescriptions.for_session` raises.
        """
        if answer := self._repeated(tenant, request):
            return answer
        session, legs = self._answered(self._new(tenant, new), call)
        try:
            self.credits.check(organization)
            return self._seated(organization, session, legs, request)
        except (CreditsExhausted, RateLimited):
            # The last seat, or the last second, may have gone to a request with this very key.
            if answer := self._repeated(tenant, request):
                return answer
            raise

    def _seated(
        self, organization: Organization, session: Session, legs: tuple[Leg, ...], request: RequestKey | None
    ) -> Answer:
        for _ in range(_ATTEMPTS):
            session = replace(session, seat=self.seating.number_for(organization))
            try:
                return self._stored(session, legs, request)
            except SeatTaken:
                continue
            except (IdempotencyKeyTaken, WriteConflict):
                return self._answer_of_the_first(session.tenant, request)
        raise Unavailable("dependency_unavailable", "too many sessions are created at once", retry_after_s=1)

    def _stored(self, session: Session, legs: tuple[Leg, ...], request: RequestKey | None) -> Answer:
        body = views.created_object(session, self.address.of(session, session.created_at))
        commit = self.changes.commit_of(None, session, (EventType.SESSION_CREATED, None))
        record = record_of(self.changes.clock, session.tenant, request, 201, _without_token(body))
        self.changes.sessions.commit(replace(commit, idempotency=record, legs=legs))
        return Answer(201, body)

    def _new(self, tenant: Tenant, new: NewSession) -> Session:
        return Session(
            id=self.changes.ids.new(ids.SESSION),
            tenant=tenant,
            mode=new.mode,
            created_at=self.changes.clock.now(),
            source_language=new.source_language,
            target_language=new.target_language,
            provider=new.provider,
            participants=new.participants,
            ai_agent=self.descriptions.for_session(tenant, new.ai_agent) if new.ai_agent is not None else None,
            recording=new.recording,
            transcription=new.transcription,
            voices=dict(new.voices),
            webhook_url=new.webhook_url,
            terminology=new.terminology,
            metadata=dict(new.metadata or {}),
        )

    def _answered(self, session: Session, call: IncomingCall | None) -> tuple[Session, tuple[Leg, ...]]:
        """A session that a call brings has its leg from the beginning."""
        if call is None:
            return session, ()
        leg = incoming(call, self.changes.ids.new(ids.LEG), session.id, session.created_at)
        return telephoned(session, (leg,)), (leg,)

    def _answer_of_the_first(self, tenant: Tenant, request: RequestKey | None) -> Answer:
        """Somebody else holds the key: their answer if it is stored, else ask the caller to come again."""
        if answer := self._repeated(tenant, request):
            return answer
        raise running()

    def _repeated(self, tenant: Tenant, request: RequestKey | None) -> Answer | None:
        """The stored answer holds no token; the first one is derived again."""
        record = first_answer(self.idempotency, tenant, request)
        if record is None:
            return None
        body, created_at = record.body, datetime.fromisoformat(record.body["created_at"])
        key = self.address.token_key().in_use(created_at).value
        token = stream_token(key, tenant, body["id"], created_at, created_at)
        return Answer(record.status, _with_token(body, token.text), replayed=True)


def _without_token(body: Mapping[str, Any]) -> dict[str, Any]:
    return _with_token(body, None)


def _with_token(body: Mapping[str, Any], token: str | None) -> dict[str, Any]:
    """In its place, so that a repeat has the very same text."""
    return {**body, "stream": {**body["stream"], "token": token}}
