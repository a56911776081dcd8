"""Names that a mail client would turn into links."""

from __future__ import annotations

import pytest

from infra.common.names import LinkInName, holds_link, require_plain_names


@pytest.mark.parametrize(
    "name",
    [
        "evil.com",
        "Win now at evil.shop/x",
        "http://192.0.2.1",
        "HTTPS://x",
        "www.evil",
        "WWW.EVIL.TEST",
        "write to me@evil.test",
        "//evil.com",
        "bit.ly/xyz",
        "\uff45\uff56\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
        "evil\u3002com",
        "evil.com_",
        "evil.com-",
        "evil.com|",
        "evil.com🙂",
        "evil.рф",
        "例子.中国",
        "http:evil.com",
        "1.2.3.4",
        "evil.com\u202e",
        "evil\u200b.com",
    ],
)
def test_links_are_found(name: str) -> None:
    with pytest.raises(LinkInName) as refused:
        require_plain_names(name=name, other="Ada")
    assert list(refused.value.fields) == ["name"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada Lovelace",
        "Smith & Co.",
        "Peeters Advocaten B.V.",
        "Müller, Schulze & Partner mbB",
        "Dr.Müller",
        "Jan v.d. Berg",
        "St.John",
        "Rossi S.p.A.",
        "Durand S.à r.l.",
        "Cabinet l'Étoile n° 5/7",
        "Müller GmbH & Co. KG",
    ],
)
def test_names_are_names(name: str) -> None:
    assert not holds_link(name)
