"""The page of the errors, twice: as Markdown beside the code, and as the page that `doc_url` leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from reference.codes import CODES, Code

_INTRODUCTION = (
    "What went wrong is an `error` object with a `code` to program against. Codes of one class share a status. "
    "Where an answer carries `Retry-After`, the same request may succeed after so many seconds."
)
_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kallglot errors</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<nav>
<strong>Kallglot</strong> <a href="../docs">REST</a> <a href="streams">Streams</a>
<a href="errors" aria-current="page">Errors</a>
</nav>
"""


def markdown() -> str:
    rows = (f"| `{name}` | {code.status} | `{code.type}` | {code.meaning} |\n" for name, code in _sorted())
    return f"# Errors\n\n{_INTRODUCTION}\n\n| Code | Status | Type | Meaning |\n|---|---|---|---|\n{''.join(rows)}"


def page() -> str:
    rows = "".join(
        f'<dt id="{name}"><code>{name}</code></dt>\n<dd>{code.status} <code>{code.type}</code></dd>\n'
        f"<dd>{_html(code.meaning)}</dd>\n"
        for name, code in _sorted()
    )
    return f'{_HEAD}<main class="errors">\n<h1>Errors</h1>\n<p>{_html(_INTRODUCTION)}</p>\n<dl>\n{rows}</dl>\n</main>\n'


def _sorted() -> Iterator[tuple[str, Code]]:
    return iter(sorted(CODES.items(), key=lambda item: (item[1].status, item[0])))


def _html(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
