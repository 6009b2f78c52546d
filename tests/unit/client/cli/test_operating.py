from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kallglot.cli.commands import operating
from kallglot.cli.main import main


def test_models_are_the_stores_and_need_no_deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    handed: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[bytes]:
        handed.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", run)
    assert main(["--json", "models", "pull", "kokoro", "--dir", "x"]) == 1
    assert handed == [[sys.executable, "-m", "media_worker.model_store", "--json", "pull", "kokoro", "--dir", "x"]]


def test_without_the_worker_the_command_says_where_to_run_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(operating, "find_spec", lambda _name: None)
    monkeypatch.setattr(operating, "_CHECKOUT", tmp_path)
    assert main(["models", "list"]) == 2
    assert "in a checkout of Kallglot" in capsys.readouterr().err


def test_the_store_lists_its_catalogue_and_what_is_here(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "media_worker.model_store", "list", "--dir", str(tmp_path)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "nllb-200-600m\tno\t\tCC-BY-NC-4.0 (not for commercial use)" in listed.stdout
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(as_json.stdout) == {"object": "list", "data": []}


def test_the_doctor_and_organizations_are_the_deployments(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[bytes]:
        handed.append(command[2:])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert main(["doctor", "-c", "profile=prod"]) == 0
    assert main(["--json", "orgs", "--id", "org_acme"]) == 0
    assert main(["secrets", "rotate", "pepper"]) == 0
    assert handed == [
        ["local.doctor", "-c", "profile=prod"],
        ["local.organization", "--json", "--id", "org_acme"],
        ["local.rotation", "rotate", "pepper"],
    ]


def test_keys_are_the_deployments_when_it_is_said_whose(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[bytes]:
        handed.append(command[2:])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert main(["keys", "list", "--organization", "org_acme"]) == 0
    assert main(["--json", "keys", "revoke", "key_1", "--organization=org_acme"]) == 0
    assert handed == [
        ["local.keys", "list", "--organization", "org_acme"],
        ["local.keys", "--json", "revoke", "key_1", "--organization=org_acme"],
    ]
    assert not operating.is_meant(["keys", "list"])


def test_in_a_checkout_they_are_found_from_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-P", "-c", "from kallglot.cli.main import main; raise SystemExit(main(['orgs', '-h']))"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--max-sessions" in told.stdout
