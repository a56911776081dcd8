"""The client of a LEDES 98BI row as a bill names it."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from billing.formats.bills import BillClient
from billing.formats.ledes1998b.columns import CLIENT_ID
from billing.formats.ledes1998bi import columns as col


@lru_cache(maxsize=256)
def country_code(text: str) -> str:
    """Two letters for a country in two or three (GBR: GB); empty where it is none we know."""
    code = text.upper()
    successors: list[str] = list(get_global("territory_aliases").get(code, ()))
    if len(successors) == 1:
        code = successors[0]
    known = len(code) == 2 and code.isalpha() and code in Locale("en").territories
    return code if known else ""


def client_of(texts: list[str]) -> BillClient:
    """Name and address as the file has them; a country that we do not know ends the address."""
    country = country_code(texts[col.CLIENT_COUNTRY])
    city, region = texts[col.CLIENT_CITY], texts[col.CLIENT_REGION]
    postcode = texts[col.CLIENT_POSTCODE]
    if region:
        place = f"{', '.join(filter(None, (city, region)))} {postcode}"
    else:
        place = f"{postcode} {city}"
    lines = (
        texts[col.CLIENT_ADDRESS_1],
        texts[col.CLIENT_ADDRESS_2],
        place.strip(),
        "" if country else texts[col.CLIENT_COUNTRY],
    )
    return BillClient(
        texts[CLIENT_ID],
        name=texts[col.CLIENT_NAME] or None,
        address="\n".join(filter(None, lines)),
        country=country,
        vat_number=texts[col.CLIENT_TAX_ID],
    )
