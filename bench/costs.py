"""What a minute of a two-way call costs in AWS, from list prices and what this repository measures.

    python -m bench.costs [--json]

Prices are in `stacks/prices.py`, from where the dashboard has them, too. What a session uses
beside engines is counted from the code: a chunk of recording per side every ten seconds, a checkpoint as often, eight
turns a minute, five minutes a call. Engines are what `make bench-engines` found on a CPU; a GPU's sessions were never
measured, so that row is the goal, marked as such. Machines are planned 70 % full.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from core.domain.recordings import CHUNK_S
from stacks.prices import HOURS_PER_MONTH, Prices

FULL = 0.7
# As `-c profile=prod` has them (`stacks/network.py`).
ZONES, ENDPOINTS, FIREWALLS, GATEWAYS = 3, 6, 2, 2
CALL_MIN, TURNS_PER_MIN, EVENTS_PER_TURN = 5, 8, 1
# A telephone's stream: 50 messages a second each way, 400 bytes apiece with their envelope, for two legs.
_GB_OUT_PER_MIN = 2 * 50 * 400 * 60 / 1e9
# A leg's RTP: 50 packets a second, 160 bytes of sound and 40 of headers; and its messages to a worker.
_GB_RTP_PER_MIN, _GB_LEG_PER_MIN = 50 * 200 * 60 / 1e9, _GB_OUT_PER_MIN / 2


@dataclass(frozen=True, slots=True)
class Engines:
    """`sessions` a machine holds when it is full; `machine_h` what it costs. `shown` says how that is known."""

    name: str
    sessions: float
    machine_h: float
    shown: str
    per_min: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    engines: str
    sessions: int
    machines: int
    month: float
    minute: float
    shown: str


def engine_choices(prices: Prices) -> tuple[Engines, ...]:
    """A worker's task has 2 vCPU and 8 GB; what was measured on 4 vCPU is halved."""
    task_h = prices.task_h
    return (
        Engines("whisper tiny, CPU", 8 / 2, task_h, "measured"),
        Engines("whisper base, CPU", 5 / 2, task_h, "measured"),
        Engines("whisper small, CPU", 2 / 2, task_h, "measured"),
        Engines("whisper, one L4 GPU", 20, prices.gpu_h, "goal, not measured"),
        # It waits for other machines; the worker's own share is a few hundred streams a core.
        Engines("aws", 100, task_h, "list price", prices.managed_engines_min),
    )


def beside_engines(prices: Prices) -> dict[str, float]:
    """Dollars a minute of a call, by what they are for."""
    chunks = 2 * 60 / CHUNK_S
    # A transaction writes twice what it holds, in units of a kilobyte; a session and its turns are about two.
    writes = (60 / CHUNK_S) * 2 * 2 + TURNS_PER_MIN * 2 * 2
    requests = 6 / CALL_MIN
    events = TURNS_PER_MIN * EVENTS_PER_TURN + 6 / CALL_MIN
    return {
        "load balancer": _GB_OUT_PER_MIN * 2 * prices.alb_lcu_h,
        "sound that leaves": _GB_OUT_PER_MIN * prices.egress_gb,
        "tables": (writes * prices.write_million + 2 * prices.read_million) / 1e6,
        "requests": requests
        * (prices.rest_million + 2 * (prices.function_million + 0.1 * 0.5 * prices.function_gb_s * 1e6))
        / 1e6,
        "events and webhooks": events * (prices.bus_million + 2 * prices.function_million) / 1e6,
        "pieces of recordings": chunks * prices.put_thousand / 1e3,
    }


def behind_edge(prices: Prices) -> dict[str, float]:
    """Dollars a minute that `-c edge=true` adds: sound comes and goes through CloudFront then."""
    return {
        "sound that leaves": _GB_OUT_PER_MIN * (prices.edge_out_gb - prices.egress_gb),
        "sound that comes": _GB_OUT_PER_MIN * prices.edge_to_origin_gb,
        # Those of the API, and a socket for each of two legs.
        "requests": (6 + 2) / CALL_MIN * prices.edge_million / 1e6,
    }


def by_sip(prices: Prices) -> dict[str, float]:
    """Dollars a minute that a leg by SIP costs in place of a carrier's; gateways are paid by the hour."""
    return {
        "sound that leaves": (_GB_RTP_PER_MIN - _GB_LEG_PER_MIN) * prices.egress_gb,
        # Both ways between public addresses of one region, which is what a balancer without an edge has.
        "sound to a worker and back": 2 * _GB_LEG_PER_MIN * prices.in_region_gb,
    }


def gateways_month(prices: Prices) -> float:
    """What `-c sip=true` costs in production while nobody calls: a load balancer and two gateways."""
    return HOURS_PER_MONTH * (prices.nlb_h + ZONES * prices.public_address_h + GATEWAYS * prices.gateway_h)


def row(engines: Engines, sessions: int, prices: Prices) -> Row:
    """Kept ready all month, as one has to who does not know when calls come; two machines at least."""
    machines = max(2, math.ceil(sessions / (engines.sessions * FULL)))
    fixed_h = prices.alb_h + ZONES * (prices.nat_h + ENDPOINTS * prices.endpoint_h)
    minutes = sessions * 60 * HOURS_PER_MONTH
    per_min = sum(beside_engines(prices).values()) + engines.per_min
    month = (
        (machines * engines.machine_h + fixed_h) * HOURS_PER_MONTH
        + minutes * per_min
        + FIREWALLS * prices.firewall_month
    )
    return Row(engines.name, sessions, machines, round(month, 2), round(month / minutes, 5), engines.shown)


def rows(prices: Prices) -> list[Row]:
    return [row(engines, sessions, prices) for engines in engine_choices(prices) for sessions in (1, 100, 10_000)]


def table(found: Sequence[Row]) -> str:
    lines = [
        "| Engines | Sessions at once | Machines | $ a month | $ a session-minute | |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, found)])


def _line(found: Row) -> str:
    cells = (found.engines, f"{found.sessions:,}", f"{found.machines:,}", f"{found.month:,.0f}", f"{found.minute:.4f}")
    return f"| {' | '.join(cells)} | {found.shown} |"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.costs", description="What a minute of a call costs")
    parser.add_argument("--json", action="store_true")
    prices = Prices()
    found = rows(prices)
    if parser.parse_args(arguments).json:
        print(
            json.dumps(
                {
                    "rows": [asdict(each) for each in found],
                    "beside_engines": beside_engines(prices),
                    "behind_edge": behind_edge(prices),
                    "by_sip": by_sip(prices),
                    "gateways_month": gateways_month(prices),
                },
                indent=2,
            )
        )
        return 0
    print(table(found))
    titles = {
        "Beside engines": beside_engines(prices),
        "Behind the edge": behind_edge(prices),
        "A leg by SIP": by_sip(prices),
    }
    for title, costs in titles.items():
        print(f"\n{title}, $ a session-minute:")
        for name, cost in costs.items():
            print(f"  {name:<26} {cost:.6f}")
    print(f"\nGateways for SIP, $ a month: {gateways_month(prices):.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
