import pytest

from media_worker.engines.embedded.mending import mend


@pytest.mark.parametrize(
    ("source", "translation", "pair", "mended"),
    [
        ("my order is late", "Mi orden es tarde", ("en", "es"), "Mi pedido es tarde"),
        ("it is in order", "Está en orden", ("es", "en"), "Está en orden"),
        ("your bill", "Vuestra factura", ("en", "es"), "su factura"),
        ("sent on monday", "enviado en lunes", ("en", "es"), "enviado el lunes"),
        ("su pedido llega el martes", "His request arrives the Tuesday", ("es", "en"), "your order arrives on Tuesday"),
        ("his dog", "his dog", ("ca", "en"), "his dog"),
    ],
)
def test_known_slips_are_mended_where_their_word_was_said(
    source: str, translation: str, pair: tuple[str, str], mended: str
) -> None:
    assert mend(source, translation, pair) == mended
