"""What a deployment with these settings will ask of the account."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

# As the tasks of the worker and of the SIP gateway are declared, and the smallest instance of the families with a GPU.
TASK_VCPUS, GATEWAY_VCPUS = 2, 0.5
GPU_INSTANCE_VCPUS = 4


class BadSettings(ValueError):
    """The message is for people."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`most_tasks`, `most_gateways`: workers and SIP gateways at once, scaled out. `functions_at_once`: as many as its
    queues may use. `regions_beside`: where parts of it are made whatever region it is in."""

    prefix: str
    builds_image: bool
    uses_gpu: bool
    most_tasks: int
    nat_gateways: int
    functions_at_once: int
    regions_beside: tuple[str, ...] = ()
    most_gateways: int = 0

    @property
    def vcpus(self) -> int:
        """One more than there are stands beside the others while a new version comes up. A GPU's are counted apart from
        Fargate's, which then has the gateways alone."""
        if self.uses_gpu:
            return (self.most_tasks + 1) * GPU_INSTANCE_VCPUS
        gateways = math.ceil((self.most_gateways + 1) * GATEWAY_VCPUS) if self.most_gateways else 0
        return (self.most_tasks + 1) * TASK_VCPUS + gateways


def planned(settings: Sequence[str]) -> Plan:
    """`settings` as `cdk deploy` takes them behind `-c`: `key=value`. Raises BadSettings."""
    # The CDK comes with a process of Node's: that Node is missing is for a finding to say, not for an import.
    from stacks.config import Config  # noqa: PLC0415

    given = dict(_pair(setting) for setting in settings)
    if unknown := sorted(set(given) - set(Config.model_fields)):
        raise BadSettings(f"there is no setting {unknown[0]}; all of them are in stacks/config.py")
    try:
        config = Config.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSettings(f"{'.'.join(map(str, first['loc'])) or 'settings'}: {first['msg']}") from None
    return Plan(
        prefix=config.prefix,
        builds_image=config.image is None,
        uses_gpu=config.gpu != "none",
        most_tasks=config.workers[1],
        nat_gateways=config.nat_gateways,
        functions_at_once=config.webhook_concurrency + config.fan_out_concurrency,
        regions_beside=("us-east-1",) if config.edge and (config.has_firewall or config.has_edge_log) else (),
        most_gateways=config.sip_tasks[1] if config.sip else 0,
    )


def _pair(setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    if not equals or not key:
        raise BadSettings(f"{setting!r} is not key=value")
    return key, value
