"""What was looked at, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`unknown`: it could not be looked at, which is no reason to hold a deployment back."""

    GOOD = "good"
    LACKING = "lacking"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`found` is a fact, `to_do` what somebody can do about it; empty where nothing needs to be done."""

    subject: str
    verdict: Verdict
    found: str
    to_do: str = ""


def good(subject: str, found: str) -> Finding:
    return Finding(subject, Verdict.GOOD, found)


def lacking(subject: str, found: str, to_do: str) -> Finding:
    return Finding(subject, Verdict.LACKING, found, to_do)


def unknown(subject: str, found: str, to_do: str = "") -> Finding:
    return Finding(subject, Verdict.UNKNOWN, found, to_do)
