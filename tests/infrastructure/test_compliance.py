"""What people who never saw this product say about its templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure.assembly import ROOT, Assembly, context

# Redundant DependsOn entries, which CDK itself writes.
WRITTEN_BY_CDK = "W3005"


@pytest.fixture(params=["deployment", "managed", "production", "edge", "sip"])
def assembly(request: pytest.FixtureRequest) -> Assembly:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Assembly)
    return found


def test_cdk_nag_finds_nothing_that_is_not_answered_for(assembly: Assembly) -> None:
    for plugin in assembly.report["pluginReports"]:
        found = {
            f"{violation['ruleName']} at {construct['constructPath']}"
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        }
        assert not found
        assert plugin["conclusion"] == "success"
    assert {plugin["pluginName"] for plugin in assembly.report["pluginReports"]} >= {"AwsSolutions", "Serverless"}


def test_every_answer_has_a_reason(assembly: Assembly) -> None:
    answered = [answer for plugin in assembly.report["pluginReports"] for answer in plugin["suppressedViolations"]]
    assert answered
    assert all(len(answer["reason"]) > 20 for answer in answered)


def test_cfn_lint_finds_nothing(assembly: Assembly) -> None:
    templates = [str(path) for path in sorted(assembly.folder.glob("*.template.json"))]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", WRITTEN_BY_CDK, "--", *templates]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_templates_and_the_image_to_build_are_made_without_credentials_docker_or_a_home(tmp_path: Path) -> None:
    """As on a machine that has never heard of AWS: only the interpreter and node are there."""
    tools = tmp_path / "bin"
    tools.mkdir()
    node = next(Path(folder) / "node" for folder in os.environ["PATH"].split(":") if (Path(folder) / "node").exists())
    (tools / "node").symlink_to(node)
    out = tmp_path / "cdk.out"
    environment = {
        "PATH": str(tools),
        "HOME": str(tmp_path),
        # CDK's own code, unpacked: doing it again proves nothing and takes ten seconds.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache"),
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(context()),
    }
    made = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    stacks = {path.name.removesuffix(".template.json") for path in out.glob("*.template.json")}
    names = ("network", "data", "media", "api", "events", "telephony", "schedule", "reconcile", "webhooks", "observe")
    assert stacks == {f"kallglot-dev-{name}" for name in names}
    (image,) = (path.parent.parent for path in out.glob("asset.*/media_worker/Dockerfile"))
    sent = {path.name for path in image.iterdir()}
    assert {"core", "media_worker", "pyproject.toml", "uv.lock"} <= sent
    assert not sent & {".git", ".local", ".venv", "node_modules", "tests"}
