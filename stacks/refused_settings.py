"""What is said to whoever deploys with a setting that is not taken."""

from __future__ import annotations

from pydantic import ValidationError


def refusal(error: ValidationError) -> str:
    """A line for each value that was not taken: which, and what is expected in its place."""
    lines = [f"{_given(problem['loc'], problem['input'])}{_expected(problem['msg'])}" for problem in error.errors()]
    return "\n".join(["this cannot be deployed:", *lines])


def _given(path: tuple[int | str, ...], value: object) -> str:
    return f"  -c {path[0]}={value}: " if path else "  "


def _expected(message: str) -> str:
    return (
        message.removeprefix("Value error, ").replace("Input should", "it should").replace("String should", "it should")
    )
