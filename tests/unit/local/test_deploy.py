from __future__ import annotations

import os
from pathlib import Path

import pytest

from local.deploy import DeployFailed, clean_environment, forget_oldest, keep, once_more, wanted


def test_no_aws_setting_of_the_user_reaches_the_command_line() -> None:
    ours = {"PATH": "/bin", "AWS_PROFILE": "production", "AWS_REGION": "eu-west-1", "CDK_CONTEXT_JSON": "{}"}
    cleaned = clean_environment(ours)
    assert cleaned["PATH"] == "/bin"
    assert not [name for name in cleaned if name.startswith("AWS_")]
    assert "CDK_CONTEXT_JSON" not in cleaned


def test_blank_lines_and_the_banner_about_node_are_not_progress() -> None:
    lines = ["first  \n", "\n", "b'!! Node 20 is old !!\\n'\n", "   second\n"]
    assert list(wanted(lines)) == ["first", "   second"]


def test_the_least_recently_used_templates_are_forgotten(tmp_path: Path) -> None:
    for age, name in enumerate(["newest", "newer", "old", "oldest"]):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    forget_oldest(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"newest", "newer"}


def test_templates_that_somebody_is_making_are_left_alone(tmp_path: Path) -> None:
    for name in ("making-1", "making-2", "kept"):
        (tmp_path / name).mkdir()
    forget_oldest(tmp_path, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"making-1", "making-2", "kept"}


def test_of_two_who_made_the_same_templates_both_go_on(tmp_path: Path) -> None:
    assembly = tmp_path / "assembly"
    for made in (tmp_path / "first", tmp_path / "second"):
        made.mkdir()
        (made / "manifest.json").write_text("{}")
        keep(made, assembly)
    assert (assembly / "manifest.json").exists()


def test_templates_that_cannot_be_kept_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep(tmp_path / "never-made", tmp_path / "assembly")


LOST = "Stack deploy failed (the stack disappeared while we were deploying it)"


@pytest.mark.parametrize(
    ("failures", "runs", "fails"),
    [([], 1, False), ([LOST], 2, False), ([LOST, LOST], 2, True), (["AccessDenied"], 1, True)],
)
def test_a_bootstrap_that_the_emulator_lost_is_made_once_more(failures: list[str], runs: int, fails: bool) -> None:
    left, said, ran = list(failures), list[str](), list[int]()

    def bootstrap() -> None:
        ran.append(1)
        if left:
            raise DeployFailed(left.pop(0))

    if fails:
        with pytest.raises(DeployFailed):
            once_more(bootstrap, said.append)
    else:
        once_more(bootstrap, said.append)
    assert len(ran) == runs and len(said) == runs - 1
