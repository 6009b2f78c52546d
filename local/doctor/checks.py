"""What is looked at, one function each. Each says something, whatever it finds; none raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from local.doctor.account import Account, Unreadable
from local.doctor.findings import Finding, good, lacking, unknown
from local.doctor.machine import Machine
from local.doctor.plan import Plan

OLDEST_NODE = 20
OLDEST_KEPT_NODE = 22
OLDEST_BOOTSTRAP = 6
"""Assets are published through roles from this version of the bootstrap stack on."""
_FARGATE_VCPUS = ("fargate", "L-3032A538")
_GPU_VCPUS = ("ec2", "L-DB2E81BA")
_ELASTIC_IPS = ("ec2", "L-0263D0A3")
_NETWORKS = ("vpc", "L-F678F1CE")
_ASK = (
    "ask for more: aws service-quotas request-service-quota-increase"
    " --service-code {} --quota-code {} --desired-value {}"
)


def of_machine(machine: Machine) -> Iterator[Finding]:
    yield _node(machine)
    if machine.has_cdk():
        yield good("CDK command line", "installed")
    else:
        yield lacking("CDK command line", "node_modules has none", "make setup")


def major(version: str) -> str:
    return version.removeprefix("v").partition(".")[0]


def of_image(machine: Machine, plan: Plan) -> Finding:
    subject = "container engine"
    if not plan.builds_image:
        return good(subject, "none is needed: the image is prebuilt")
    if (instead := machine.engine_answers()) is None:
        return good(subject, f"{machine.container_engine()} answers")
    return lacking(
        subject, instead, "install and start docker, or set CDK_DOCKER=podman or finch, or deploy with -c image=<uri>"
    )


def of_account(account: Account, plan: Plan) -> Iterator[Finding]:
    """Without an identity nothing else can be asked."""
    subject = "AWS credentials"
    try:
        yield good(subject, f"account {account.identity()}")
    except Unreadable as error:
        yield lacking(subject, str(error), "log in: aws configure, aws sso login, or AWS_* in the environment")
        return
    yield from (_tried(name, look, account, plan) for name, look in _LOOKS)


def _tried(subject: str, look: Callable[[str, Account, Plan], Finding], account: Account, plan: Plan) -> Finding:
    try:
        return look(subject, account, plan)
    except Unreadable as error:
        return unknown(subject, str(error), "look yourself, or allow it")


def _node(machine: Machine) -> Finding:
    subject = "Node.js"
    version = machine.node_version()
    number = major(version or "")
    if not number.isdigit():
        return lacking(subject, "there is none", f"install Node.js {OLDEST_KEPT_NODE} or later: the CDK runs on it")
    if int(number) < OLDEST_NODE:
        return lacking(subject, f"{version} is too old", f"install Node.js {OLDEST_KEPT_NODE} or later")
    aged = int(number) < OLDEST_KEPT_NODE
    return good(subject, f"{version}; it still works, and nobody mends it any more" if aged else str(version))


def _bootstrap(subject: str, account: Account, plan: Plan) -> Finding:
    version = account.bootstrap_version()
    to_do = "node_modules/.bin/cdk bootstrap"
    if version is None:
        return lacking(subject, "this account and region never were", to_do)
    if version < OLDEST_BOOTSTRAP:
        return lacking(subject, f"version {version} is older than {OLDEST_BOOTSTRAP}", to_do)
    for region in plan.regions_beside:
        # CloudFront takes a firewall and a log of one region only.
        if (account.bootstrap_version(region) or 0) < OLDEST_BOOTSTRAP:
            to_do = f"{to_do} aws://{account.identity()}/{region}"
            return lacking(subject, f"a part of the edge is made in {region}, which never was, or long ago", to_do)
    return good(subject, f"version {version}")


def _vcpus(subject: str, account: Account, plan: Plan) -> Finding:
    service, code = _GPU_VCPUS if plan.uses_gpu else _FARGATE_VCPUS
    allowed = account.quota(service, code)
    what = "of running G and VT instances" if plan.uses_gpu else "of Fargate tasks"
    found = f"{allowed:g} vCPUs {what} are allowed, {plan.vcpus} are used by {_tasks(plan)} and an update"
    if allowed >= plan.vcpus:
        return good(subject, found)
    also = ", and wait: without it everything deploys and no instance ever starts" if plan.uses_gpu else ""
    return lacking(subject, found, _ASK.format(service, code, plan.vcpus) + also)


def _tasks(plan: Plan) -> str:
    workers = f"{plan.most_tasks} workers"
    return f"{workers}, {plan.most_gateways} SIP gateways" if plan.most_gateways and not plan.uses_gpu else workers


def _functions(subject: str, account: Account, plan: Plan) -> Finding:
    allowed = account.functions_at_once()
    found = f"{allowed} functions may run at once in this account, webhooks alone may use {plan.functions_at_once}"
    if allowed > plan.functions_at_once:
        return good(subject, found)
    return lacking(subject, found, "ask AWS for more, or set webhook_concurrency and fan_out_concurrency lower")


def _addresses(subject: str, account: Account, plan: Plan) -> Finding:
    if not plan.nat_gateways:
        return good(subject, "none is needed: there are no NAT gateways")
    if account.stacks(plan.prefix):
        return good(subject, "those of the deployment are there")
    return _room(subject, "Elastic IPs", account.addresses(), plan.nat_gateways, account, _ELASTIC_IPS)


def _networks(subject: str, account: Account, plan: Plan) -> Finding:
    if account.stacks(plan.prefix):
        return good(subject, "that of the deployment is there")
    return _room(subject, "networks", account.networks(), 1, account, _NETWORKS)


def _room(subject: str, what: str, taken: int, needed: int, account: Account, quota: tuple[str, str]) -> Finding:
    allowed = int(account.quota(*quota))
    found = f"{taken} of {allowed} {what} are taken, {needed} more needed"
    if taken + needed <= allowed:
        return good(subject, found)
    return lacking(subject, found, _ASK.format(*quota, taken + needed))


def _stacks(subject: str, account: Account, plan: Plan) -> Finding:
    stacks = account.stacks(plan.prefix)
    if not stacks:
        return good(subject, f"none is called {plan.prefix} yet")
    stuck = {name: status for name, status in stacks.items() if _is_stuck(status)}
    if not stuck:
        return good(subject, f"{len(stacks)} stacks, all of them at rest")
    found = ", ".join(f"{name} is {status}" for name, status in sorted(stuck.items()))
    return lacking(
        subject, found, "wait for what is in progress; what failed: `cdk deploy` again, or its events say why"
    )


def _is_stuck(status: str) -> bool:
    return status.endswith(("_FAILED", "_IN_PROGRESS")) or status == "ROLLBACK_COMPLETE"


_LOOKS: tuple[tuple[str, Callable[[str, Account, Plan], Finding]], ...] = (
    ("bootstrap of the CDK", _bootstrap),
    ("room for workers", _vcpus),
    ("room for functions", _functions),
    ("room for a network", _networks),
    ("room for addresses", _addresses),
    ("stacks of this name", _stacks),
)
