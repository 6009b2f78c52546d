"""`make terms`: what an organization of a deployed Kallglot calls things; shows it after changing it.

    make terms ARGS="--organization org_acme"
    make terms ARGS="--organization org_acme --glossary terms.csv --names names.txt"

`terms.csv` is a table with a column per language (`de,en,es`), a row per term; `names.txt` has a line per name that is
not to be translated. Each file replaces what was there before, an empty one takes it away. Sessions that begin from
then on know them.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from core.domain.languages import is_known
from core.domain.terminology import (
    LARGEST_BYTES,
    LONGEST_TERM,
    MOST_IN_AN_ORGANIZATION,
    MOST_LANGUAGES,
    Terminology,
    is_term,
)
from local.deployed import FAILURES, USUAL_PREFIX, Deployed

Terms = TypeVar("Terms")


def glossary_of(path: Path) -> tuple[Mapping[str, str], ...]:
    """Raises ValueError, with a message for people."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for column in reader.fieldnames or ():
            if not is_known(column.strip()):
                raise ValueError(f"{path}: the column {column!a} is not a language code of GET /v1/languages")
        terms = tuple(_term(path, reader.line_num, row) for row in reader if any(_cells(row)))
    return _few_enough(path, terms)


def names_of(path: Path) -> tuple[str, ...]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return _few_enough(path, tuple(_sized(path, number, line) for number, line in enumerate(lines, 1) if line.strip()))


def shown(terminology: Terminology) -> str:
    languages = sorted({code for term in terminology.glossary for code in term})
    rows = [languages, *([term.get(code, "") for code in languages] for term in terminology.glossary)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    table = lines if terminology.glossary else ["no terms"]
    return "\n".join([*table, "", *(terminology.names or ["no names"])])


def as_json(terminology: Terminology) -> str:
    held = {"glossary": [dict(term) for term in terminology.glossary], "names": list(terminology.names)}
    return json.dumps(held, indent=2, ensure_ascii=False)


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        terminology = _stored(Deployed(options.prefix), options)
    except (ValueError, OSError, csv.Error, *FAILURES) as error:
        print(f"nothing was changed: {error}", file=sys.stderr)
        return 1
    print(as_json(terminology) if options.json else shown(terminology))
    return 0


def _stored(deployed: Deployed, options: argparse.Namespace) -> Terminology:
    if deployed.access.organization(options.organization) is None:
        raise ValueError(f"there is no organization {options.organization}; make organization creates it")
    held = terminology = deployed.access.terminology(options.organization)
    if options.glossary is not None:
        terminology = replace(terminology, glossary=glossary_of(options.glossary))
    if options.names is not None:
        terminology = replace(terminology, names=names_of(options.names))
    if len(as_json(terminology).encode()) > LARGEST_BYTES:
        raise ValueError(f"all of it together is more than {LARGEST_BYTES // 1000} kB")
    if terminology != held:
        deployed.access.put_terminology(options.organization, terminology)
    return terminology


def _term(path: Path, line: int, row: Mapping[str | None, str | None]) -> Mapping[str, str]:
    if None in row:
        raise ValueError(f"{path}, line {line}: more cells than columns")
    term = {code.strip(): _sized(path, line, cell) for code, cell in row.items() if code and cell and cell.strip()}
    if not 2 <= len(term) <= MOST_LANGUAGES:
        raise ValueError(
            f"{path}, line {line}: a term is said in two languages at least, and in {MOST_LANGUAGES} at most"
        )
    return term


def _cells(row: Mapping[str | None, object]) -> Iterator[bool]:
    return (bool(cell and str(cell).strip()) for cell in row.values())


def _sized(path: Path, line: int, text: str) -> str:
    if not is_term(text := text.strip()):
        raise ValueError(f"{path}, line {line}: a term is words of at most {LONGEST_TERM} characters")
    return text


def _few_enough(path: Path, found: tuple[Terms, ...]) -> tuple[Terms, ...]:
    if len(found) > MOST_IN_AN_ORGANIZATION:
        raise ValueError(f"{path}: at most {MOST_IN_AN_ORGANIZATION} are taken, and there are {len(found)}")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make terms ARGS=…", description="What an organization calls things")
    parser.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
    parser.add_argument("--organization", required=True, help="its id, such as org_acme")
    parser.add_argument("--glossary", type=Path, metavar="CSV", help="a column per language, a row per term")
    parser.add_argument("--names", type=Path, metavar="TEXT", help="what is not translated, a line each")
    parser.add_argument("--json", action="store_true", help="show it as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
