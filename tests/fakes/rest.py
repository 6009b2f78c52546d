"""The REST function on fakes, and API Gateway's side of a request. No answer passes that the documents do not show."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from core.adapters.json_schemas import JsonSchemas
from core.domain.access import Tenant
from core.domain.engines import ENGINE_SETS, EngineSet
from core.domain.organizations import Organization
from core.domain.rotation import fixed
from core.domain.sessions import Timeouts
from core.ports import Ids
from core.services.agent_descriptions import AgentDescriptions
from core.services.agents import AgentService
from core.services.api_keys import ApiKeyService
from core.services.changes import Changes
from core.services.credits import CreditService
from core.services.dialing import DialService
from core.services.documents import DocumentService
from core.services.knowledge_bases import KnowledgeBaseService
from core.services.organizations import OrganizationService
from core.services.recordings import RecordingService
from core.services.routing import RoutingService
from core.services.session_list import SessionListService
from core.services.sessions import SessionService, StreamAddress
from core.services.sip_credentials import SipCredentialService
from core.services.sip_settings import SipSettingsService
from core.services.tool_calls import ToolCallService
from core.services.transcripts import TranscriptService
from core.services.usage import UsageService
from lambdas.rest.app import Application
from lambdas.runtime.knowledge_wiring import Knowledge
from lambdas.runtime.sip_wiring import Sip
from lambdas.runtime.wiring import Rest
from tests.builders import PEPPER
from tests.fakes import conformance
from tests.fakes.agents import MemoryAgents, MemoryToolCalls
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.keys import MemoryKeys
from tests.fakes.knowledge import MemoryDocuments, MemoryKnowledge
from tests.fakes.seats import a_creation
from tests.fakes.sip import MemorySip, MemoryTrunkSecrets
from tests.fakes.stores import (
    MemoryAccess,
    MemoryIdempotency,
    MemoryInbox,
    MemoryRecordings,
    MemorySessionList,
    MemorySessions,
    MemoryUsage,
    MemoryWorkers,
)
from tests.fakes.telephony import MemoryTelephony, a_telephony
from tests.fakes.webhook_world import WebhookWorld

DATA = Path(__file__).parents[1] / "data"
TOKEN_KEY = b"t" * 32
NUMBER = "+14155551234"
TELEPHONES = {Tenant("org_acme", True): NUMBER, Tenant("org_acme", False): "+14155550000"}


def golden(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / name).read_text())
    return loaded


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, list[str]]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.body["error"]
        return error


@dataclass
class RestWorld:
    engines: EngineSet = ENGINE_SETS["embedded"]
    clock: FakeClock = field(default_factory=FakeClock)
    access: MemoryAccess = field(default_factory=MemoryAccess)
    workers: MemoryWorkers = field(default_factory=MemoryWorkers)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)
    ids: Ids = field(default_factory=SequenceIds)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.webhooks = WebhookWorld(self.clock, sessions=self.sessions)
        self.index = MemorySessionList(self.sessions)
        self.changes = Changes(self.sessions, self.clock, self.ids, Timeouts())
        self.keys, nonces = MemoryKeys(self.access, self.sessions), count()
        self.agents, self.inbox = MemoryAgents(self.sessions), MemoryInbox()
        self.access.put_organization(Organization("org_acme", "Acme"))
        self.telephony = MemoryTelephony(self.sessions)
        self.sip, self.trunk_secrets = MemorySip(self.sessions), MemoryTrunkSecrets()
        self.knowledge, self.documents = MemoryKnowledge(self.sessions), MemoryDocuments()
        for tenant, number in TELEPHONES.items():
            self.telephony.put(tenant, a_telephony(number, default=False))
        address = StreamAddress("wss://stream.example.com", fixed(TOKEN_KEY))
        self.application = Application(
            Rest(
                sessions=SessionService(
                    self.changes,
                    MemoryIdempotency(self.sessions),
                    self.workers,
                    self.inbox,
                    address,
                    self.clock.advance,
                ),
                creation=a_creation(self.changes, self.sessions, address, self.agents),
                session_list=SessionListService(self.sessions, self.index, self.clock),
                dialing=DialService(
                    self.changes,
                    MemoryIdempotency(self.sessions),
                    self.telephony,
                    OrganizationService(self.access),
                    CreditService(MemoryUsage(self.sessions), self.clock),
                    self.sip,
                ),
                transcripts=TranscriptService(self.sessions, self.clock),
                recordings=RecordingService(self.changes, self.recordings),
                usage=UsageService(MemoryUsage(self.sessions), self.clock),
                api_keys=ApiKeyService(
                    self.keys,
                    MemoryIdempotency(self.sessions),
                    fixed(PEPPER),
                    lambda count: next(nonces).to_bytes(count, "big"),
                    self.clock,
                    self.changes.ids,
                ),
                agents=AgentService(
                    self.agents,
                    AgentDescriptions(self.agents, JsonSchemas()),
                    MemoryIdempotency(self.sessions),
                    self.clock,
                    self.changes.ids,
                ),
                tool_calls=ToolCallService(self.changes, MemoryToolCalls(self.sessions), JsonSchemas(), self.inbox),
                webhooks=self.webhooks.services,
                knowledge=self._knowledge(),
                sip=self._sip(),
                organizations=OrganizationService(self.access),
                routing=RoutingService(self.telephony),
                engines=self.engines,
                docs_url="https://api.example.com/v1/docs",
                ids=self.changes.ids,
                clock=self.clock,
            )
        )

    def _sip(self) -> Sip:
        store, random = self.sip, itertools.count()
        return Sip(
            SipSettingsService(store, self.trunk_secrets, "kallglot", "sip.example.com"),
            SipCredentialService(
                store,
                MemoryIdempotency(self.sessions),
                fixed(PEPPER),
                lambda count: next(random).to_bytes(count, "big"),
                self.clock,
                self.ids,
            ),
        )

    def _knowledge(self) -> Knowledge:
        shared = (self.knowledge, self.documents, MemoryIdempotency(self.sessions), self.clock, self.ids)
        bases = KnowledgeBaseService(*shared)
        return Knowledge(bases, DocumentService(bases, *shared))

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """`body` is sent as it is when it is text, else as JSON; header names take `_` for `-`."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.ask("POST", path, text, headers={"Content-Type": "application/json"} | _dashed(headers))

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", path, query=query)

    def ask(
        self,
        method: str,
        path: str,
        body: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        authorizer: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Answer:
        event = copy.deepcopy(golden("events/rest_request.json"))
        event |= {"httpMethod": method, "path": path, "body": body, "queryStringParameters": query, **changes}
        event["headers"] = dict(headers or {})
        event["multiValueHeaders"] = {name: [value] for name, value in (headers or {}).items()}
        if authorizer is not None:
            event["requestContext"]["authorizer"] = authorizer
        answered = self.application.answer(event, None)
        answer = Answer(answered["statusCode"], answered["multiValueHeaders"], answered["body"])
        conformance.check(method, path, answer.status, answer.headers, answer.text)
        return answer


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
