"""List prices of AWS in us-east-1, in dollars, as read in autumn 2026: look them up before you rely on them."""

from __future__ import annotations

from dataclasses import dataclass

HOURS_PER_MONTH = 730
WORKER_VCPU, WORKER_GB = 2, 8
"""What a worker's task is given (`constructs/worker_service.py`)."""

SIP_VCPU, SIP_GB = 0.5, 1
"""What a SIP gateway's task is given (`constructs/sip_service.py`)."""


@dataclass(frozen=True, slots=True)
class Prices:
    fargate_vcpu_h: float = 0.04048
    fargate_gb_h: float = 0.004445
    # g6.xlarge, with the fee of managed instances taken as 12 %.
    gpu_h: float = 0.8048 * 1.12
    alb_h: float = 0.0225
    alb_lcu_h: float = 0.008
    nlb_h: float = 0.0225
    nat_h: float = 0.045
    public_address_h: float = 0.005
    endpoint_h: float = 0.01
    # A list of rules with three in it, a month.
    firewall_month: float = 8.0
    egress_gb: float = 0.09
    in_region_gb: float = 0.01
    edge_out_gb: float = 0.085
    edge_to_origin_gb: float = 0.02
    edge_million: float = 1.00
    write_million: float = 0.625
    read_million: float = 0.125
    rest_million: float = 3.50
    function_million: float = 0.20
    function_gb_s: float = 0.0000166667
    bus_million: float = 1.00
    put_thousand: float = 0.005
    managed_engines_min: float = 0.07

    @property
    def task_h(self) -> float:
        """A worker on Fargate."""
        return WORKER_VCPU * self.fargate_vcpu_h + WORKER_GB * self.fargate_gb_h

    @property
    def gateway_h(self) -> float:
        """A SIP gateway on Fargate, with the public address that its sound comes to."""
        return SIP_VCPU * self.fargate_vcpu_h + SIP_GB * self.fargate_gb_h + self.public_address_h
