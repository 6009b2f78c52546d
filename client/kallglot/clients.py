"""`Kallglot` and `AsyncKallglot`: the API's nouns, on a connection of their own.

    with Kallglot("https://api.example.com", "sk_live_…") as client:
        session = client.sessions.create(mode="bidirectional_translation", source_language="de", target_language="en")

    async with AsyncKallglot() as client:
        session = await client.sessions.get(session_id)

Address and key may be left out, and are then KALLGLOT_API_URL and KALLGLOT_API_KEY.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import uuid4

import httpx

from kallglot.about import USER_AGENT
from kallglot.errors import KallglotError
from kallglot.exchange.drivers import AsyncDriver, BlockingDriver
from kallglot.exchange.exchanging import Terms, exchange
from kallglot.exchange.requests import Request
from kallglot.exchange.retrying import Retrying
from kallglot.exchange.steps import Plan
from kallglot.objects.lists import Page
from kallglot.objects.reading import Shape
from kallglot.objects.sessions import Session
from kallglot.routes.access import ApiKeys
from kallglot.routes.agents import Agents
from kallglot.routes.knowledge import KnowledgeBases
from kallglot.routes.recordings import Recordings
from kallglot.routes.route import AsyncPages, Pages
from kallglot.routes.service import Service
from kallglot.routes.sessions import Sessions
from kallglot.routes.sip import Sip, SipCredentials
from kallglot.routes.webhooks import Events, WebhookDeliveries, WebhookEndpoints, WebhookSecrets

if TYPE_CHECKING:
    from kallglot.stream import Stream
    from kallglot.stream.messages import Message

T = TypeVar("T")
Item = TypeVar("Item", bound=Shape)
API_URL = "KALLGLOT_API_URL"
API_KEY = "KALLGLOT_API_KEY"


class Unconfigured(KallglotError):
    """No address or no key was given, neither as an argument nor in the environment."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Time and chance, for tests to decide: monotonic and Unix seconds, a number in [0, 1), an idempotency key."""

    now: Callable[[], float] = time.monotonic
    wall_now: Callable[[], float] = time.time
    draw: Callable[[], float] = random.random
    new_key: Callable[[], str] = lambda: str(uuid4())


_REAL = Chances()
_USUAL = Retrying()


class Kallglot:
    """Blocking. Threads may share one; use it as a context manager, or `close` it."""

    def __init__(
        self,
        api_url: str | None = None,
        api_key: str | None = None,
        *,
        retrying: Retrying = _USUAL,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chances: Chances = _REAL,
    ) -> None:
        """`api_url` is the host with or without `/v1`. Raises Unconfigured."""
        self.terms = _terms(api_url, api_key, retrying, chances)
        self._http = httpx.Client(transport=transport)
        self._driver = BlockingDriver(self._http, sleep, chances.now)
        service: Service[Kallglot] = Service(self)
        self.languages, self.usage, self.openapi = service.languages, service.usage, service.openapi
        self.sessions: Sessions[Kallglot] = Sessions(self)
        self.recordings: Recordings[Kallglot] = Recordings(self)
        self.agents: Agents[Kallglot] = Agents(self)
        self.knowledge_bases: KnowledgeBases[Kallglot] = KnowledgeBases(self)
        self.api_keys: ApiKeys[Kallglot] = ApiKeys(self)
        self.sip: Sip[Kallglot] = Sip(self)
        self.sip_credentials: SipCredentials[Kallglot] = SipCredentials(self)
        self.webhook_endpoints: WebhookEndpoints[Kallglot] = WebhookEndpoints(self)
        self.webhook_deliveries: WebhookDeliveries[Kallglot] = WebhookDeliveries(self)
        self.webhook_secret: WebhookSecrets[Kallglot] = WebhookSecrets(self)
        self.events: Events[Kallglot] = Events(self)

    def send(self, request: Request[T]) -> T:
        """What every route does; for a route that this version does not have, describe the request yourself."""
        return self.run(exchange(request, self.terms))

    def run(self, plan: Plan[T]) -> T:
        return self._driver.run(plan)

    def pages(self, request: Request[Page[Item]]) -> Pages[Item]:
        return Pages(self, request)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncKallglot:
    """For asyncio. Use it as an asynchronous context manager, or `close` it."""

    def __init__(
        self,
        api_url: str | None = None,
        api_key: str | None = None,
        *,
        retrying: Retrying = _USUAL,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chances: Chances = _REAL,
    ) -> None:
        """`api_url` is the host with or without `/v1`. Raises Unconfigured."""
        self.terms = _terms(api_url, api_key, retrying, chances)
        self._http = httpx.AsyncClient(transport=transport)
        self._driver = AsyncDriver(self._http, sleep, chances.now)
        service: Service[AsyncKallglot] = Service(self)
        self.languages, self.usage, self.openapi = service.languages, service.usage, service.openapi
        self.sessions: Sessions[AsyncKallglot] = Sessions(self)
        self.recordings: Recordings[AsyncKallglot] = Recordings(self)
        self.agents: Agents[AsyncKallglot] = Agents(self)
        self.knowledge_bases: KnowledgeBases[AsyncKallglot] = KnowledgeBases(self)
        self.api_keys: ApiKeys[AsyncKallglot] = ApiKeys(self)
        self.sip: Sip[AsyncKallglot] = Sip(self)
        self.sip_credentials: SipCredentials[AsyncKallglot] = SipCredentials(self)
        self.webhook_endpoints: WebhookEndpoints[AsyncKallglot] = WebhookEndpoints(self)
        self.webhook_deliveries: WebhookDeliveries[AsyncKallglot] = WebhookDeliveries(self)
        self.webhook_secret: WebhookSecrets[AsyncKallglot] = WebhookSecrets(self)
        self.events: Events[AsyncKallglot] = Events(self)

    async def send(self, request: Request[T]) -> T:
        """What every route does; for a route that this version does not have, describe the request yourself."""
        return await self.run(exchange(request, self.terms))

    async def run(self, plan: Plan[T]) -> T:
        return await self._driver.run(plan)

    def pages(self, request: Request[Page[Item]]) -> AsyncPages[Item]:
        return AsyncPages(self, request)

    def stream(self, session: Session | str, **options: Any) -> Stream:
        """A session's socket, by the session or its id; fresh tokens are asked for here. Options: those of `Stream`."""
        from kallglot.stream import Address, Closing, SessionOver, Stream  # noqa: PLC0415

        session_id = session if isinstance(session, str) else session.id

        async def renew() -> Address:
            found = (await self.sessions.get(session_id)).stream
            if found is None:
                raise SessionOver(Closing(reason=session_id))
            return Address(found.url, found.token)

        known = None if isinstance(session, str) else session.stream
        return Stream(Address(known.url, known.token) if known else None, renew=renew, **options)

    def watch(self, session_id: str, events_url: str | None = None) -> AsyncIterator[Message]:
        """Every turn as it is said, seen from outside; ends with the session. `events_url` makes it quicker."""
        from kallglot.stream.socket import open_socket  # noqa: PLC0415
        from kallglot.watching import watch  # noqa: PLC0415

        key = self.terms.headers["Authorization"].removeprefix("Bearer ")
        return watch(self, session_id, events_url, key, open_socket)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()


def _terms(api_url: str | None, api_key: str | None, retrying: Retrying, chances: Chances) -> Terms:
    url = api_url or os.environ.get(API_URL)
    key = api_key or os.environ.get(API_KEY)
    if not url or not key:
        name, variable = ("address", API_URL) if not url else ("key", API_KEY)
        raise Unconfigured(f"no API {name}: give it, or set {variable}")
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "User-Agent": USER_AGENT}
    base = f"{url.rstrip('/').removesuffix('/v1')}/v1"
    return Terms(base, headers, retrying, chances.now, chances.wall_now, chances.draw, chances.new_key)
