"""All stacks of one deployment and what they take from each other."""

from __future__ import annotations

from aws_cdk import Tags
from constructs import Construct

from stacks.acknowledgements import acknowledge
from stacks.api import ApiStack
from stacks.config import Config
from stacks.data import DataStack
from stacks.edge_log import EdgeLogStack
from stacks.events import EventsStack
from stacks.media import MediaStack
from stacks.names import NamesStack
from stacks.network import NetworkStack
from stacks.observe import ObserveStack, tell
from stacks.reconcile import ReconcileStack
from stacks.schedule import ScheduleStack
from stacks.shield import ShieldStack
from stacks.sip import SipStack
from stacks.telephony import TelephonyStack
from stacks.webhooks import WebhooksStack


class Deployment:
    def __init__(self, scope: Construct, config: Config) -> None:
        self.network = NetworkStack(scope, f"{config.prefix}-network", config)
        self.data = DataStack(scope, f"{config.prefix}-data", config)
        names = NamesStack(scope, f"{config.prefix}-names", config) if config.domain else None
        self.media = MediaStack(scope, f"{config.prefix}-media", config, self.network.vpc, self.data, names)
        self.sip = self._sip(scope, config, names) if config.sip else None
        self.events = EventsStack(scope, f"{config.prefix}-events", config, self.data, names)
        shield = ShieldStack(scope, f"{config.prefix}-shield", config) if config.edge and config.has_firewall else None
        sip_domain = self.sip.host if self.sip is not None else ""
        self.api = ApiStack(
            scope, f"{config.prefix}-api", config, self.data, self.media, self.events, names, shield, sip_domain
        )
        if config.has_edge_log:
            EdgeLogStack(scope, f"{config.prefix}-edge-log", config, self.api)
        self.telephony = TelephonyStack(
            scope,
            f"{config.prefix}-telephony",
            config,
            self.data,
            self.events.bus,
            self.api.stream_base_url,
            self.api.public_url,
            self.sip.dials if self.sip is not None else None,
        )
        self.webhooks = WebhooksStack(scope, f"{config.prefix}-webhooks", config, self.data, self.events.bus)
        self.schedule = ScheduleStack(scope, f"{config.prefix}-schedule", config, self.data)
        self.reconcile = ReconcileStack(
            scope, f"{config.prefix}-reconcile", config, self.data, self.events, self.webhooks
        )
        if config.has_dashboard or config.has_alarms:
            self.observe = ObserveStack(scope, f"{config.prefix}-observe", config, self.data)
        if config.alarm_topic:
            tell(scope, config.alarm_topic)
        acknowledge(scope, config)
        Tags.of(scope).add("application", config.prefix)

    def _sip(self, scope: Construct, config: Config, names: NamesStack | None) -> SipStack:
        """Gateways are inside the network, and with an edge so is the load balancer of the media workers."""
        stream_url = self.media.stream_base_url
        return SipStack(scope, f"{config.prefix}-sip", config, self.network.vpc, self.data, stream_url, names)
