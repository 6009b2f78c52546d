"""kallglot doctor: before a deployment what it lacks, after it whether a call goes through.

    kallglot doctor                                   what a deployment with the default settings would lack
    kallglot doctor -c profile=prod -c gpu=whole      … with these, as `cdk deploy` takes them
    kallglot doctor --call                            play a short call against what is deployed

Nothing is changed. Exit code 0: nothing is lacking; 1: something is; 2: the question was wrong. What could not be
looked at is said, and is no reason for 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from kallglot import AsyncKallglot, KallglotError
from local.call import TurnMissing
from local.deployed import FAILURES, api_url
from local.doctor import checks, smoke
from local.doctor.account import AwsAccount
from local.doctor.findings import Finding, Verdict
from local.doctor.machine import ThisMachine
from local.doctor.plan import BadSettings, planned
from local.progress import Progress
from local.report import Screen
from media_worker.engines.embedded.synthesis import SynthesizerMissing

_MARKS = {Verdict.GOOD: "✓", Verdict.LACKING: "✗", Verdict.UNKNOWN: "?"}
_BROKEN = (*FAILURES, KallglotError, TurnMissing, SynthesizerMissing, OSError, TimeoutError)


def line(finding: Finding) -> str:
    told = f"{_MARKS[finding.verdict]} {finding.subject}: {finding.found}"
    return f"{told}\n    → {finding.to_do}" if finding.to_do else told


def before(settings: Sequence[str], progress: Progress) -> list[Finding]:
    """Each is told as soon as it is known. Raises BadSettings."""
    found: list[Finding] = []

    def tell(findings: Iterable[Finding]) -> None:
        for finding in findings:
            progress.say(line(finding))
            found.append(finding)

    machine = ThisMachine()
    tell(checks.of_machine(machine))
    if (node := machine.node_version()) is None:
        return found  # the settings are read by the CDK, which runs on it
    # The CDK would say of an old one in a banner what has just been said in a line.
    os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = checks.major(node)
    plan = planned(settings)
    tell([checks.of_image(machine, plan)])
    tell(checks.of_account(AwsAccount(), plan))
    return found


def _before(options: argparse.Namespace, progress: Progress) -> int:
    try:
        found = before(options.context, progress)
    except BadSettings as error:
        print(f"kallglot doctor: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"object": "list", "data": [asdict(finding) for finding in found]}, indent=2))
    lacking, unknown = (
        sum(finding.verdict is each for finding in found) for each in (Verdict.LACKING, Verdict.UNKNOWN)
    )
    progress.say(f"\n{len(found) - lacking - unknown} good, {lacking} lacking, {unknown} unknown")
    return 1 if lacking else 0


async def _call(options: argparse.Namespace, progress: Progress) -> int:
    address = options.api_url or os.environ.get("KALLGLOT_API_URL") or api_url(planned(options.context).prefix)
    with progress.step("let the speakers rehearse"):
        said = await smoke.speech()
    async with AsyncKallglot(address, os.environ["KALLGLOT_API_KEY"]) as client:
        timed = await smoke.smoke_call(client, Screen(progress), said)
    progress.say()
    for name, value in timed.rows():
        progress.say(f"{name:<20} {value}")
    if options.json:
        print(json.dumps(asdict(timed), indent=2))
    for each in timed.missing:
        progress.say(f"✗ {each}")
    return 1 if timed.missing else 0


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    progress = Progress(sys.stderr if options.json else sys.stdout)
    if not options.call:
        return _before(options, progress)
    if "KALLGLOT_API_KEY" not in os.environ:
        print("kallglot doctor: --call needs a key in KALLGLOT_API_KEY (make key)", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_call(options, progress))
    except BadSettings as error:
        print(f"kallglot doctor: {error}", file=sys.stderr)
        return 2
    except _BROKEN as error:
        progress.settle()
        progress.say(f"✗ the call did not go through: {error}")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kallglot doctor", description="Look at what a deployment needs, or call it.")
    parser.add_argument(
        "-c", "--context", action="append", default=[], metavar="KEY=VALUE", help="a setting, as `cdk deploy` takes it"
    )
    parser.add_argument("--call", action="store_true", help="play a short call against what is deployed")
    parser.add_argument("--api-url", metavar="URL", help="where (else KALLGLOT_API_URL, else the deployment's own)")
    parser.add_argument("--json", action="store_true", help="JSON on stdout, everything else on stderr")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
