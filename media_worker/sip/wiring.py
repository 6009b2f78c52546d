"""The composition root of the gateway: settings → adapters → service → sockets."""

from __future__ import annotations

import asyncio
import secrets
import string
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import aiohttp

from core.adapters import clients
from core.adapters.dynamodb.sessions import DynamoSessions
from core.adapters.dynamodb.sip import DynamoCallLeases, DynamoSip
from core.adapters.dynamodb.transactions import Tables
from core.adapters.ec2 import Ec2Interfaces
from core.adapters.secrets import CachedSecrets
from core.adapters.system import RandomIds, SystemClock
from core.domain.sessions import Timeouts
from core.services.call_places import CallPlaces
from core.services.changes import Changes
from core.services.sip_calls import SipCallService
from media_worker import observe
from media_worker.pipeline.offload import ThreadOffload
from media_worker.protection import Protection
from media_worker.sip import public_address
from media_worker.sip.challenge import Challenge
from media_worker.sip.dialing import wiring as dialing
from media_worker.sip.floodgate import Floodgate
from media_worker.sip.gateway import Gateway
from media_worker.sip.invitations import Invitations, Ways
from media_worker.sip.line import Line, Way
from media_worker.sip.ports import Exchange, Patience
from media_worker.sip.rtp.ports import RtpPorts
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.rtp.ticker import Ticker
from media_worker.sip.settings import GatewaySettings
from media_worker.sip.signalling.client_transactions import ClientTransactions
from media_worker.sip.signalling.dialog import Place
from media_worker.sip.signalling.flows import Sockets
from media_worker.sip.signalling.server_transactions import ServerTransactions
from media_worker.sip.switchboard import Switchboard
from media_worker.sip.telemetry import Reporter, Telemetry
from media_worker.websockets_out import http_session

_THREADS = 16
_LETTERS = string.ascii_letters + string.digits
_WORD_LENGTH = 16
_TLS_PORT = 5061


async def gateway(settings: GatewaySettings) -> Gateway:
    loop = asyncio.get_running_loop()
    patience = Patience(
        silence_s=settings.rtp_timeout_s, hold_s=settings.idle_timeout_s, reconnect_s=settings.reconnect_window_s
    )
    exchange = Exchange(
        servers=ServerTransactions(loop.call_later),
        clients=ClientTransactions(loop.call_later),
        later=loop.call_later,
        time=loop.time,
        word=_word,
        offload=ThreadOffload(ThreadPoolExecutor(_THREADS, "sip")),
        patience=patience,
        telemetry=Telemetry(),
    )
    floodgate = Floodgate(loop.time)
    switchboard = Switchboard(exchange, floodgate, settings.max_calls)
    ticker = Ticker(loop.time)
    http = http_session()
    service = _service(settings)
    public_host = settings.public_host or await _public_host(settings, exchange)
    ways = _ways(settings, exchange, ticker, http, public_host)
    sockets = Sockets(switchboard.receive)
    switchboard.invitations = Invitations(
        exchange=exchange,
        service=service,
        ways=ways,
        check=_challenge(service, exchange, floodgate).check,
        begun=switchboard.begin,
        has_room=switchboard.has_room,
    )
    return Gateway(
        switchboard=switchboard,
        sockets=sockets,
        service=service,
        offload=exchange.offload,
        http=http,
        protection=Protection(settings.agent_uri) if settings.agent_uri else None,
        reporter=_reporter(settings, exchange),
        promises=dialing.promises(settings, exchange, service, ways, switchboard, sockets),
    )


def _reporter(settings: GatewaySettings, exchange: Exchange) -> Reporter:
    clock = SystemClock()
    gateway_id = RandomIds(clock).new("gateway")
    return Reporter(exchange.telemetry, settings.metrics_namespace, gateway_id, clock, observe.write_line)


async def _public_host(settings: GatewaySettings, exchange: Exchange) -> str:
    """Raises NoPublicAddress."""
    if settings.metadata_uri is None:
        return public_address.elsewhere(settings.host)
    return await public_address.of_task(settings.metadata_uri, Ec2Interfaces(clients.ec2()), exchange.offload)


def _ways(
    settings: GatewaySettings, exchange: Exchange, ticker: Ticker, http: aiohttp.ClientSession, public_host: str
) -> Ways:
    ports = RtpPorts(settings.host, settings.rtp_first_port, settings.rtp_last_port)

    async def stream(hear: Callable[[bytes], None], key: Callable[[str], None]) -> RtpStream:
        return await RtpStream.open(ports, ticker, hear, key)

    def line(session_id: str, call_id: str, token: Callable[[], Awaitable[str]]) -> Line:
        way = Way(f"{settings.stream_url}/v1/sessions/{session_id}/connect", call_id[:_LONGEST_NAME], token)
        return Line(http, way, exchange.time, exchange.patience.reconnect_s)

    secure = (settings.domain, _TLS_PORT) if settings.tls_port else ("", 0)
    place = Place(public_host, settings.port, *secure)
    return Ways(stream, line, public_host, place)


def _service(settings: GatewaySettings) -> SipCallService:
    dynamo, clock = clients.dynamodb(connections=_THREADS), SystemClock()
    tables = Tables(settings.sessions_table, settings.access_table, settings.outbox_table)
    timeouts = Timeouts(
        idle=timedelta(seconds=settings.idle_timeout_s), reconnect=timedelta(seconds=settings.reconnect_window_s)
    )
    changes = Changes(DynamoSessions(dynamo, tables, clock), clock, RandomIds(clock), timeouts)
    secret = partial(CachedSecrets(clients.secrets_manager()).versions, settings.stream_token_secret_arn)
    return SipCallService(
        changes=changes,
        settings=DynamoSip(dynamo, settings.access_table, clock),
        places=CallPlaces(DynamoCallLeases(dynamo, settings.sessions_table), clock, secrets.SystemRandom()),
        token_key=secret,
        domain=settings.domain,
    )


def _challenge(service: SipCallService, exchange: Exchange, floodgate: Floodgate) -> Challenge:
    return Challenge(
        is_genuine=service.is_genuine,
        token_key=service.token_key,
        offload=exchange.offload,
        floodgate=floodgate,
        time=time.time,
        random=secrets.token_bytes,
    )


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_WORD_LENGTH))


_LONGEST_NAME = 200
