"""The part of the composition root that makes calls; a gateway without a queue of them has none."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

from core.adapters import clients
from core.adapters.sip_promises import SqsSipPromises
from core.adapters.system import SystemClock
from core.adapters.trunk_secrets import TrunkSecretReader
from core.services.sip_calls import SipCallService
from core.services.sip_dialing import SipDialing, SipOrder
from core.sip_ports import SipPromise
from media_worker.pipeline.offload import ThreadOffload
from media_worker.sip.dialing.dialer import Dialer
from media_worker.sip.dialing.names import SYSTEM
from media_worker.sip.dialing.promises import PromiseReader
from media_worker.sip.dialing.roads import Roads
from media_worker.sip.invitations import Ways
from media_worker.sip.ports import Exchange
from media_worker.sip.settings import GatewaySettings
from media_worker.sip.signalling.flows import Sockets
from media_worker.sip.switchboard import Switchboard


def promises(
    settings: GatewaySettings,
    exchange: Exchange,
    calls: SipCallService,
    ways: Ways,
    switchboard: Switchboard,
    sockets: Sockets,
) -> PromiseReader | None:
    if not settings.dial_queue_url:
        return None
    service = SipDialing(calls, TrunkSecretReader(clients.secrets_manager(), SystemClock()))
    roads = Roads(sockets, SYSTEM, exchange.offload, secrets.SystemRandom(), settings.local_targets)
    dialer = switchboard.dialer = Dialer(exchange, service, ways, roads.to, switchboard.begin)

    def start(order: SipOrder, promise: SipPromise) -> None:
        dialer.start(order, lambda: reader.keep(promise))

    reader = PromiseReader(
        promises=SqsSipPromises(clients.sqs(), settings.dial_queue_url),
        service=service,
        wait=ThreadOffload(ThreadPoolExecutor(1, "sip-promises")),
        offload=exchange.offload,
        word=exchange.word,
        has_room=switchboard.may_dial,
        start=start,
    )
    return reader
