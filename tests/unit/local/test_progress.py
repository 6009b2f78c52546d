from __future__ import annotations

import io

import pytest

from local.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_tells_its_beginning_and_its_end() -> None:
    out = io.StringIO()
    with Progress(out).step("deploy"):
        assert out.getvalue() == "· deploy …\n"
    assert out.getvalue().splitlines()[-1].startswith("✓ deploy (")


def test_a_failed_step_says_so_and_passes_the_error_on() -> None:
    out = io.StringIO()
    with pytest.raises(RuntimeError), Progress(out).step("deploy"):
        raise RuntimeError
    assert out.getvalue().splitlines()[-1].startswith("✗ deploy (")


def test_what_passes_is_replaced_on_a_terminal_and_kept_in_a_log() -> None:
    terminal, log = Terminal(), io.StringIO()
    for out in (terminal, log):
        Progress(out).passing("one")
        Progress(out).passing("two")
    assert log.getvalue() == "one\ntwo\n"
    assert terminal.getvalue().count("\r\033[K") == 2
    assert "\n" not in terminal.getvalue()


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (" ✅  kallglot-local-data", True),
        ("templates: unchanged", True),
        ("stack | 3 | CREATE_FAILED | AWS::S3::Bucket | Bucket", True),
        ("stack | 3 | CREATE_COMPLETE | AWS::S3::Bucket | Bucket", False),
    ],
)
def test_a_log_keeps_what_became_of_the_stacks(line: str, kept: bool) -> None:
    out = io.StringIO()
    Progress(out).deployment(line)
    assert bool(out.getvalue()) is kept
