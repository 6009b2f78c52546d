"""What a trial, production and the laptop differ in, side by side. Most of it can be set by itself: `stacks.config`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aws_cdk import aws_logs as logs

from stacks.language_models import Name


@dataclass(frozen=True, slots=True)
class Profile:
    """`keeps_data`: nothing that holds data is deleted with its stack, and tables and the balancer refuse deletion.

    `own_key`: data lies under a key of the account, not under one of AWS's. `endpoints`: workers reach AWS's services
    without leaving the network.

    `edge_log`: who asks the one host in front, where there is one; it is set up in a region of its own.

    `alarms`: on what customers notice; those of single functions and queues are everywhere.

    `sip_min_tasks`, `sip_max_tasks`: gateways for calls by SIP, where those are wanted.

    `local_targets`: test keys may send webhooks to loopback, over http.
    """

    zones: int
    nat_gateways: int
    min_tasks: int
    max_tasks: int
    sip_min_tasks: int
    sip_max_tasks: int
    keeps_data: bool
    own_key: bool
    endpoints: bool
    log_level: str
    log_retention: logs.RetentionDays
    access_logs_kept_days: int
    firewall: bool
    edge_log: bool
    dashboard: bool
    alarms: bool
    language_model: Name = "bedrock"
    local_targets: bool = False


# Workers of a trial have public addresses, which cost nothing while nobody calls; those of production have none.
DEV = Profile(
    zones=2,
    nat_gateways=0,
    min_tasks=1,
    max_tasks=4,
    sip_min_tasks=1,
    sip_max_tasks=4,
    keeps_data=False,
    own_key=False,
    endpoints=False,
    log_level="INFO",
    log_retention=logs.RetentionDays.TWO_WEEKS,
    access_logs_kept_days=90,
    firewall=False,
    edge_log=False,
    dashboard=True,
    alarms=False,
)
PROD = Profile(
    zones=3,
    nat_gateways=3,
    min_tasks=2,
    max_tasks=20,
    sip_min_tasks=2,
    sip_max_tasks=20,
    keeps_data=True,
    own_key=True,
    endpoints=True,
    log_level="WARNING",
    log_retention=logs.RetentionDays.THREE_MONTHS,
    access_logs_kept_days=365,
    firewall=True,
    edge_log=True,
    dashboard=True,
    alarms=True,
)
LOCAL = replace(DEV, max_tasks=1, sip_max_tasks=1, dashboard=False, language_model="embedded", local_targets=True)
PROFILES = {"dev": DEV, "prod": PROD, "local": LOCAL}
