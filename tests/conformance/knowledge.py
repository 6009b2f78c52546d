"""What schemathesis is given of knowledge: a base with a document to change, and others to delete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
from schemathesis.generation.case import Case

OWN_BASE_VARIABLE = "KALLGLOT_OWN_BASE_ID"
OWN_DOCUMENT_VARIABLE = "KALLGLOT_OWN_DOCUMENT_ID"
SPARE_BASES_VARIABLE = "KALLGLOT_SPARE_BASE_IDS"
SPARE_DOCUMENTS_VARIABLE = "KALLGLOT_SPARE_DOCUMENT_IDS"
_TEXT = {"name": "Hours", "content_type": "text/plain", "text": "We open at nine."}


async def given(http: httpx.AsyncClient) -> dict[str, str]:
    """The environment of the hooks."""
    own, *bases = [await _a_base(http) for _ in range(4)]
    document, *documents = [await _a_document(http, own) for _ in range(4)]
    return {
        OWN_BASE_VARIABLE: own,
        OWN_DOCUMENT_VARIABLE: document,
        SPARE_BASES_VARIABLE: ",".join(bases),
        SPARE_DOCUMENTS_VARIABLE: ",".join(documents),
    }


def prepare(case: Case[Any]) -> None:
    """What a schema cannot know: which document lies in which base, and what must not be deleted yet."""
    parameters = case.path_parameters or {}
    if "document_id" in parameters:
        _of_its_base(case, parameters)
    elif case.method == "DELETE" and parameters.get("base_id") == os.environ[OWN_BASE_VARIABLE]:
        parameters["base_id"] = next(_spare(SPARE_BASES_VARIABLE), "kb_none")


def _of_its_base(case: Case[Any], parameters: dict[str, Any]) -> None:
    if parameters["document_id"] != os.environ[OWN_DOCUMENT_VARIABLE]:
        return
    parameters["base_id"] = os.environ[OWN_BASE_VARIABLE]
    if case.method == "DELETE":
        parameters["document_id"] = next(_spare(SPARE_DOCUMENTS_VARIABLE), "doc_none")


async def _a_base(http: httpx.AsyncClient) -> str:
    return str((await http.post("/knowledge_bases", json={"name": "Help"})).json()["id"])


async def _a_document(http: httpx.AsyncClient, base: str) -> str:
    return str((await http.post(f"/knowledge_bases/{base}/documents", json=_TEXT)).json()["id"])


@cache
def _spare(variable: str) -> Iterator[str]:
    """To be deleted, one by one."""
    return iter(os.environ[variable].split(","))
