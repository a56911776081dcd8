"""How long a document may take to draw: more bytes, more time; never for ever."""

from __future__ import annotations

import pytest

from infra.rendering.pdf import renderer


def test_a_long_document_may_take_longer_and_a_short_one_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderer, "SECONDS", 0)
    padding = f"<!--{'x ' * 10 * renderer.BYTES_A_SECOND}-->"
    html = "<html lang='en'><title>t</title><body><p>Words{}</p></body></html>"
    drawn = renderer.render_pdf(html.format(padding), title="t", language="en")
    assert drawn.startswith(b"%PDF")
    with pytest.raises(renderer.PdfUnavailable):
        renderer.render_pdf(html.format(""), title="t", language="en")
    monkeypatch.undo()
    assert renderer.render_pdf(html.format(""), title="t", language="en").startswith(b"%PDF")
