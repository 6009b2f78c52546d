"""All that a run has written into logs, and what of it no log may have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

# What a secret of ours looks like, and a telephone number as everybody writes it.
SHAPES: Mapping[str, re.Pattern[str]] = {
    "an API key": re.compile(r"\bsk_(?:live|test)_[A-Za-z0-9_-]{8,}"),
    "a stream token": re.compile(r"\bkst_(?:live|test)_[A-Za-z0-9_.-]{8,}"),
    "a webhook secret": re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]{8,}"),
    "a bearer": re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{8,}"),
    "a signature": re.compile(r"\bv1=[0-9a-f]{32,}"),
    "a telephone number": re.compile(r"(?<![\w.:+-])\+[1-9]\d{7,14}\b"),
}
# A turn of a word or two ("Hello") is also a word of ours.
_LEAST_SAID = 12


@dataclass(frozen=True, slots=True)
class Line:
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Leak:
    source: str
    what: str
    line: str


def leaks(lines: Iterable[Line], words: Mapping[str, str]) -> Iterator[Leak]:
    """`words`: what must not be there to the letter, and what to call it."""
    any_word = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)")
    for line in lines:
        found = any_word.search(line.text)
        if found:
            yield Leak(line.source, words[found[0]], line.text)
        for what, shape in SHAPES.items():
            if shape.search(line.text):
                yield Leak(line.source, what, line.text)


def written(folder: Path) -> Iterator[Line]:
    """By every function, to CloudWatch, and by every worker, to its file; not the emulator's own log."""
    logs = boto3.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            yield from _of_group(logs, group["logGroupName"])
    # Not below it: there the emulator has ten thousands of files, copies of the functions' code among them.
    for path in sorted(folder.glob("*.log")):
        yield from (Line(path.name, text) for text in path.read_text(errors="replace").splitlines())


def _of_group(logs: Any, name: str) -> Iterator[Line]:
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
        for event in page["events"]:
            yield from (Line(name, text) for text in event["message"].splitlines())


def said(sessions_table: str) -> Iterator[str]:
    """Every text of every turn of every session, and what it was translated to."""
    pages = (
        boto3.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=sessions_table,
            FilterExpression="begins_with(sk, :turn)",
            ExpressionAttributeValues={":turn": {"S": "turn#"}},
        )
    )
    for page in pages:
        for item in page["Items"]:
            yield from (text for text in _strings(item) if len(text) >= _LEAST_SAID and " " in text)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _parsed(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _parsed(text: str) -> Iterator[str]:
    """What lies in JSON is looked into."""
    try:
        inner = json.loads(text)
    except ValueError:
        yield text
        return
    if isinstance(inner, dict | list):
        yield from _strings(inner)


def secrets() -> Iterator[str]:
    """The value of every secret of the deployment: peppers, keys, carriers' credentials."""
    client = boto3.client("secretsmanager")
    for page in client.get_paginator("list_secrets").paginate():
        for listed in page["SecretList"]:
            value = client.get_secret_value(SecretId=listed["ARN"])
            yield from (text for text in _strings(value.get("SecretString", "")) if len(text) >= _LEAST_SAID)
