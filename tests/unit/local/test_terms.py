"""What an operator says an organization calls things, and what is wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.domain.organizations import Organization
from core.domain.terminology import LONGEST_TERM, MOST_IN_AN_ORGANIZATION, Terminology
from local import terms
from tests.fakes.stores import MemoryAccess

TERMS = Terminology(
    ({"de": "Rückläufer", "en": "returned debit"}, {"en": "savings", "es": "ahorros"}), ("PX-9", "Acme")
)


class Deployment:
    def __init__(self, access: MemoryAccess) -> None:
        self.access = access


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> MemoryAccess:
    access = MemoryAccess()
    access.put_organization(Organization("org_acme", "Acme"))
    monkeypatch.setattr(terms, "Deployed", lambda _prefix: Deployment(access))
    return access


def written(path: Path, text: str) -> str:
    path.write_bytes(text.encode())
    return str(path)


def run(*options: str) -> int:
    return terms.main(["--organization", "org_acme", *options])


def test_a_table_and_a_list_are_taken_as_spreadsheets_write_them(access: MemoryAccess, tmp_path: Path) -> None:
    table = written(tmp_path / "a.csv", "\ufeffde, en,es\r\nRückläufer,returned debit,\r\n,,\r\n,savings , ahorros\r\n")
    names = written(tmp_path / "n.txt", "PX-9\r\n\r\n  Acme\r\n")

    assert run("--glossary", table, "--names", names) == 0

    assert access.terminology("org_acme") == TERMS


def test_a_file_replaces_only_its_own_part(access: MemoryAccess, tmp_path: Path) -> None:
    access.put_terminology("org_acme", TERMS)

    assert run("--names", written(tmp_path / "n.txt", "")) == 0

    assert access.terminology("org_acme") == Terminology(TERMS.glossary)


def test_they_are_shown_as_a_table_or_as_json(access: MemoryAccess, capsys: pytest.CaptureFixture[str]) -> None:
    access.put_terminology("org_acme", TERMS)

    assert run() == 0
    assert capsys.readouterr().out.splitlines() == [
        "de          en              es",
        "Rückläufer  returned debit",
        "            savings         ahorros",
        "",
        "PX-9",
        "Acme",
    ]

    assert run("--json") == 0
    assert json.loads(capsys.readouterr().out)["glossary"][0] == {"de": "Rückläufer", "en": "returned debit"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("de,xx\na,b\n", "'xx' is not a language code"),
        ("de,en\na,\n", "line 2: a term is said in two languages"),
        ("de,en\na,b\nc,d,e\n", "line 3: more cells than columns"),
        ("de,en\na," + "b" * (LONGEST_TERM + 1) + "\n", f"at most {LONGEST_TERM} characters"),
        ("de,en\na,...\n", "a term is words"),
        ("de,en\n" + "a,b\n" * (MOST_IN_AN_ORGANIZATION + 1), f"at most {MOST_IN_AN_ORGANIZATION} are taken"),
        (
            "de,en,es,fr,it,pt\n" + ",".join(["ä" * LONGEST_TERM] * 6) + "\n" + (",".join(["ä" * 60] * 6) + "\n") * 499,
            "more than 200 kB",
        ),
    ],
)
def test_a_bad_table_changes_nothing_and_says_where(
    access: MemoryAccess, tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, said: str
) -> None:
    access.put_terminology("org_acme", TERMS)

    assert run("--glossary", written(tmp_path / "a.csv", table)) == 1

    assert said in capsys.readouterr().err
    assert access.terminology("org_acme") == TERMS


def test_a_missing_file_and_a_missing_organization_are_said(
    access: MemoryAccess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--names", "/nowhere.txt") == 1
    assert terms.main(["--organization", "org_other"]) == 1
    assert "/nowhere.txt" in (said := capsys.readouterr().err) and "there is no organization org_other" in said
