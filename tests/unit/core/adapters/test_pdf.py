"""PDFs, read by a program that ends, whatever it is given."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from core.adapters.pdf import PdfProgram
from core.adapters.pdf_program import Refused, pages
from core.knowledge_ports import UnreadableDocument
from tests.pdfs import pdf_of

TWO_PAGES = pdf_of(["Opening hours\nWe open at nine (sharp).", "Grüße"])


def protected(user_password: str) -> bytes:
    writer, made = PdfWriter(PdfReader(io.BytesIO(TWO_PAGES))), io.BytesIO()
    writer.encrypt(user_password, "owner", algorithm="RC4-128")
    writer.write(made)
    return made.getvalue()


def test_the_text_of_each_page_comes_in_order() -> None:
    assert PdfProgram()(TWO_PAGES) == ["Opening hours\nWe open at nine (sharp).\n", "Grüße\n"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The document is no PDF."),
        (b"Hello", "The document is no PDF."),
        (b"%PDF-1.4\nnothing else", "The PDF is damaged."),
        (TWO_PAGES[:300], "The PDF is damaged."),
        (protected("secret"), "The PDF is protected by a password."),
    ],
    ids=["empty", "text", "head alone", "cut off", "protected"],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableDocument, match=why):
        PdfProgram()(content)


def test_a_pdf_that_anybody_may_open_is_read_though_it_is_encrypted() -> None:
    assert PdfProgram()(protected(""))[1] == "Grüße\n"


def test_pages_and_characters_are_limited() -> None:
    with pytest.raises(UnreadableDocument, match="more than 1 pages"):
        PdfProgram(most_pages=1)(TWO_PAGES)
    with pytest.raises(UnreadableDocument, match="more than 10 characters"):
        PdfProgram(most_characters=10)(TWO_PAGES)


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(UnreadableDocument, match="not read within"):
        PdfProgram(timeout_s=0.01)(TWO_PAGES)


def test_a_program_without_memory_is_no_fault_of_ours() -> None:
    # Where memory ends inside the parser, the parser takes it for damage.
    with pytest.raises(UnreadableDocument, match=r"too much memory|damaged"):
        PdfProgram(memory_bytes=24 * 1024 * 1024)(TWO_PAGES)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_gives_anything_but_pages_or_a_refusal(data: st.DataObject) -> None:
    content = bytearray(TWO_PAGES)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        end = data.draw(st.integers(at, min(at + 40, len(content))))
        content[at:end] = data.draw(st.binary(max_size=40))
        content = content or bytearray(b"%")
    try:
        found = pages(bytes(content), 100, 100_000)
    except Refused as refused:
        assert str(refused).endswith(".")
    else:
        assert all(isinstance(page, str) for page in found)
