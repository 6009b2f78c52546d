"""Documents read as sections: headings, pages, paragraphs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.sections import MOST_HEADING_CHARACTERS, Section, of_markdown, of_pages, of_text

HANDBOOK = """---
title: Handbook
---
# Help *desk*
Intro with [a link](https://example.com/x "t") and `code`.

## Opening hours ##
We open **Monday to Friday**
from 9 to 5.

- Bring a passport
- Bring *money*, snake_case

1. First
2. Second

| Plan | Price |
|------|:-----:|
| Pro  | 29    |

Refunds
-------
> Within 14 days.

```python
# no heading
```
### Empty
## Also empty
"""


def test_markdown_becomes_what_is_said_below_each_heading() -> None:
    assert of_markdown(HANDBOOK) == [
        Section(("title: Handbook",)),
        Section(("Intro with a link and code.",), "Help desk"),
        Section(
            (
                "We open Monday to Friday from 9 to 5.",
                "Bring a passport\nBring money, snake_case",
                "1. First\n2. Second",
                "Plan, Price\nPro, 29",
            ),
            "Help desk > Opening hours",
        ),
        Section(("Within 14 days.", "python\n# no heading"), "Help desk > Refunds"),
        Section(("Empty",), "Help desk > Refunds > Empty"),
        Section(("Also empty",), "Help desk > Also empty"),
    ]


@pytest.mark.parametrize("line", ["#", "#tag", "####### seven", f"# {'x' * (MOST_HEADING_CHARACTERS + 1)}"])
def test_what_only_looks_like_a_heading_is_read_as_words(line: str) -> None:
    assert [section.place for section in of_markdown(line)] == [None]


def test_text_is_joined_across_lines_but_not_across_bullets() -> None:
    assert of_text("Bring:\r\n- a pass-\r\n  port\r\n* money\n\n\nThank\nyou\fBye") == [
        Section(("Bring:\na pass- port\nmoney", "Thank you", "Bye"))
    ]


def test_pages_are_numbered_and_divided_words_are_put_together() -> None:
    assert of_pages(["Kündi-\ngung ab 1990-\n95, Ost-\nWest", " \n", "Ende"]) == [
        Section(("Kündigung ab 1990- 95, Ost- West",), "page 1"),
        Section(("Ende",), "page 3"),
    ]


@pytest.mark.parametrize("read", [of_text, of_markdown, lambda text: of_pages([text])])
@pytest.mark.parametrize("text", ["", " \n\t\n", "\x00\ud800\u00ad"])
def test_nothing_to_say_is_no_section(read: object, text: str) -> None:
    assert read(text) == []  # type: ignore[operator]


@given(st.lists(st.sampled_from(["# A", "## B b", "c d", "", "- e", "> f", "| g | h |", "===", "---", "```", "\\*i*"])))
def test_no_word_of_markdown_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    said = " ".join(f"{section.place or ''} {' '.join(section.paragraphs)}" for section in of_markdown(text))
    assert set(re.findall(r"\w+", text)) == set(re.findall(r"\w+", said))


@given(st.text())
def test_no_letter_of_text_is_lost(text: str) -> None:
    kept = re.sub(r"\s", "", "".join(paragraph for section in of_text(text) for paragraph in section.paragraphs))
    assert [letter for letter in kept if letter.isalnum()] == [letter for letter in text if letter.isalnum()]
