from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.embedded.apertium import escape, parse_mode, printable, unescape

ANY_TEXT = st.text(alphabet=st.characters(), max_size=60)  # surrogates and control characters included
RESERVED = set("^$/<>{}[]@")


@given(ANY_TEXT)
def test_what_is_escaped_comes_back_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == printable(text)


@given(ANY_TEXT)
def test_no_text_can_end_a_message_or_look_like_markup(text: str) -> None:
    escaped = escape(text)
    assert "\0" not in escaped
    assert "\n" not in escaped
    assert "[][" not in escaped
    bare = unescaped_characters(escaped)
    assert RESERVED.isdisjoint(bare)
    escaped.encode()


def unescaped_characters(escaped: str) -> set[str]:
    bare, skip = set(), False
    for character in escaped:
        if skip:
            skip = False
        elif character == "\\":
            skip = True
        else:
            bare.add(character)
    return bare


def test_a_mode_file_becomes_flushing_programs_without_a_shell() -> None:
    mode = "lt-proc -w '/data/a b.bin' | apertium-tagger -g $2 '/data/x.prob' | lt-proc $1 '/data/gen.bin'\n"
    assert parse_mode(mode) == [
        ["lt-proc", "-z", "-w", "/data/a b.bin"],
        ["apertium-tagger", "-z", "-g", "/data/x.prob"],
        ["lt-proc", "-z", "-n", "/data/gen.bin"],
    ]


def test_control_characters_and_spaces_become_one_space() -> None:
    assert printable(" a\0b\r\n\tc\ud800d\uffff ") == "a b c d"
