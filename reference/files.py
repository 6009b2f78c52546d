"""The files that are made from the code, and kept beside it so that a change of the contract is seen in review."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lambdas.rest.documents import FOLDER
from reference import asyncapi, errors, openapi


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


FILES: Mapping[Path, Callable[[], str]] = MappingProxyType(
    {
        FOLDER / "openapi.json": lambda: _json(openapi.document()),
        FOLDER / "asyncapi.json": lambda: _json(asyncapi.document()),
        FOLDER / "errors.md": errors.markdown,
        FOLDER / "page" / "errors.html": errors.page,
    }
)
