"""The head of a mail."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import getaddresses

import pytest
from django.conf import settings
from django.core import mail

from infra.rendering.mail import Mail, send_mail


@pytest.mark.parametrize(
    "name",
    ["Harbour\\", 'The "Good" Firm', "A, B & C", "Müller", 'a\\"b', "x\r\nBcc: eve@evil.test"],
)
def test_any_name_leaves_one_sender(name: str) -> None:
    send_mail(
        Mail(to="ada@alpha.test", sender_name=name, subject="s", greeting="Hello", paragraphs=["p"])
    )
    head = message_from_bytes(mail.outbox[0].message().as_bytes())
    senders = getaddresses(head.get_all("From") or [])
    assert [address for _name, address in senders] == [settings.MAIL_FROM_ADDRESS]
    assert head["Bcc"] is None
