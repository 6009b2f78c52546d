"""What the doctor says of machines and accounts that lack this or that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from local.doctor.account import Unreadable
from local.doctor.checks import of_account, of_image, of_machine
from local.doctor.findings import Finding, Verdict
from local.doctor.plan import Plan

PLAN = Plan("kallglot-dev", builds_image=True, uses_gpu=False, most_tasks=4, nat_gateways=3, functions_at_once=300)


@dataclass(frozen=True)
class FakeMachine:
    node: str | None = "v22.1.0"
    cdk: bool = True
    instead: str | None = None

    def node_version(self) -> str | None:
        return self.node

    def has_cdk(self) -> bool:
        return self.cdk

    def container_engine(self) -> str:
        return "podman"

    def engine_answers(self) -> str | None:
        return self.instead


@dataclass(frozen=True)
class FakeAccount:
    """Refuses what is in `closed`."""

    bootstrap: int | None = 21
    bootstrap_beside: int | None = 21
    quotas: dict[str, float] = field(default_factory=lambda: {"L-3032A538": 10, "L-0263D0A3": 5, "L-F678F1CE": 5})
    functions: int = 1000
    taken_addresses: int = 2
    taken_networks: int = 4
    there: dict[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    def _open(self, name: str) -> None:
        if name in self.closed:
            raise Unreadable(f"AccessDenied to {name}")

    def identity(self) -> str:
        self._open("identity")
        return "123456789012"

    def bootstrap_version(self, region: str | None = None) -> int | None:
        self._open("bootstrap")
        return self.bootstrap_beside if region else self.bootstrap

    def quota(self, service: str, code: str) -> float:
        self._open("quota")
        return self.quotas[code]

    def functions_at_once(self) -> int:
        self._open("functions")
        return self.functions

    def addresses(self) -> int:
        return self.taken_addresses

    def networks(self) -> int:
        return self.taken_networks

    def stacks(self, prefix: str) -> dict[str, str]:
        self._open("stacks")
        return self.there


def of(account: FakeAccount, plan: Plan = PLAN) -> dict[str, Finding]:
    return {finding.subject: finding for finding in of_account(account, plan)}


def verdicts(account: FakeAccount, plan: Plan = PLAN) -> dict[str, Verdict]:
    return {subject: finding.verdict for subject, finding in of(account, plan).items() if finding.verdict != "good"}


def test_an_account_that_is_ready_lacks_nothing() -> None:
    assert verdicts(FakeAccount()) == {}
    assert of(FakeAccount())["room for workers"].found.startswith("10 vCPUs of Fargate tasks are allowed, 10 are used")


@pytest.mark.parametrize(
    ("account", "subject", "told"),
    [
        (FakeAccount(bootstrap=None), "bootstrap of the CDK", "cdk bootstrap"),
        (FakeAccount(bootstrap=5), "bootstrap of the CDK", "cdk bootstrap"),
        (FakeAccount(quotas={**FakeAccount().quotas, "L-3032A538": 9}), "room for workers", "--desired-value 10"),
        (FakeAccount(functions=300), "room for functions", "webhook_concurrency"),
        (FakeAccount(taken_addresses=3), "room for addresses", "--quota-code L-0263D0A3 --desired-value 6"),
        (FakeAccount(taken_networks=5), "room for a network", "--quota-code L-F678F1CE --desired-value 6"),
        (FakeAccount(there={"kallglot-dev-api": "UPDATE_ROLLBACK_FAILED"}), "stacks of this name", "cdk deploy"),
        (FakeAccount(there={"kallglot-dev-api": "ROLLBACK_COMPLETE"}), "stacks of this name", "cdk deploy"),
        (FakeAccount(there={"kallglot-dev-api": "CREATE_IN_PROGRESS"}), "stacks of this name", "wait"),
    ],
)
def test_what_is_lacking_is_said_with_what_to_do(account: FakeAccount, subject: str, told: str) -> None:
    assert verdicts(account) == {subject: Verdict.LACKING}
    assert told in of(account)[subject].to_do


@pytest.mark.parametrize("version", [None, 5])
def test_where_a_part_is_made_elsewhere_that_region_is_bootstrapped_too(version: int | None) -> None:
    account = FakeAccount(bootstrap_beside=version)
    assert verdicts(account) == {}
    beside = replace(PLAN, regions_beside=("us-east-1",))
    assert verdicts(account, beside) == {"bootstrap of the CDK": Verdict.LACKING}
    assert "cdk bootstrap aws://123456789012/us-east-1" in of(account, beside)["bootstrap of the CDK"].to_do
    assert verdicts(FakeAccount(), beside) == {}


def test_a_gpu_needs_a_quota_that_new_accounts_do_not_have() -> None:
    account = FakeAccount(quotas={**FakeAccount().quotas, "L-DB2E81BA": 0})
    finding = of(account, replace(PLAN, uses_gpu=True))["room for workers"]
    assert finding.verdict is Verdict.LACKING
    assert finding.found.startswith("0 vCPUs of running G and VT instances are allowed, 20 are used")
    assert "no instance ever starts" in finding.to_do


def test_gateways_for_sip_are_counted_beside_workers() -> None:
    finding = of(FakeAccount(), replace(PLAN, most_gateways=3))["room for workers"]
    assert finding.verdict is Verdict.LACKING
    assert finding.found.endswith("12 are used by 4 workers, 3 SIP gateways and an update")


def test_a_deployment_that_is_there_has_its_network_and_addresses() -> None:
    account = FakeAccount(taken_addresses=5, taken_networks=5, there={"kallglot-dev-network": "UPDATE_COMPLETE"})
    assert verdicts(account) == {}


def test_without_nat_gateways_no_address_is_needed() -> None:
    assert verdicts(FakeAccount(taken_addresses=5), replace(PLAN, nat_gateways=0)) == {}


@pytest.mark.parametrize("closed", ["bootstrap", "quota", "functions", "stacks"])
def test_what_may_not_be_looked_at_is_unknown_and_the_rest_is_looked_at(closed: str) -> None:
    found = of(FakeAccount(closed=frozenset({closed})))
    assert set(verdicts(FakeAccount(closed=frozenset({closed}))).values()) == {Verdict.UNKNOWN}
    assert len(found) == 7 and any(closed in finding.found for finding in found.values())


def test_without_an_identity_nothing_else_is_asked() -> None:
    assert verdicts(FakeAccount(closed=frozenset({"identity"}))) == {"AWS credentials": Verdict.LACKING}
    assert len(of(FakeAccount(closed=frozenset({"identity"})))) == 1


@pytest.mark.parametrize(
    ("machine", "lacking"),
    [
        (FakeMachine(), set()),
        (FakeMachine(node=None), {"Node.js"}),
        (FakeMachine(node="nonsense"), {"Node.js"}),
        (FakeMachine(node="v18.20.0"), {"Node.js"}),
        (FakeMachine(cdk=False), {"CDK command line"}),
    ],
)
def test_a_machine_needs_node_and_the_cdk(machine: FakeMachine, lacking: set[str]) -> None:
    assert {each.subject for each in of_machine(machine) if each.verdict is Verdict.LACKING} == lacking


def test_an_image_is_built_by_an_engine_that_answers_or_not_at_all() -> None:
    silent = FakeMachine(instead="`podman info` failed: no socket")
    assert of_image(FakeMachine(), PLAN).found == "podman answers"
    assert of_image(silent, PLAN).verdict is Verdict.LACKING
    assert of_image(silent, replace(PLAN, builds_image=False)).verdict is Verdict.GOOD
