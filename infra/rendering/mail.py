"""One mail: composed from plain parts, sent as text and HTML that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formataddr

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class MailLook:
    """How a mail looks: the sender's colours (hex), logo (PNG bytes) and signature lines."""

    fill: str = "#1f3a5f"
    on_fill: str = "#ffffff"
    accent: str = "#1f3a5f"
    logo: bytes | None = None
    signature: Sequence[str] = ()
    footer: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """The parts of one mail. ``message_id`` is stable, so that a repeated send can be recognised."""

    to: str
    sender_name: str
    subject: str
    greeting: str
    paragraphs: Sequence[str]
    button: tuple[str, str] | None = None
    closing: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    message_id: str = ""
    language: str = "en"
    look: MailLook = field(default_factory=MailLook)
    reply_to: str = ""
    attachments: Sequence[tuple[str, bytes, str]] = ()


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def text_of(mail: Mail) -> str:
    """The plain text part; it holds everything the HTML part says."""
    blocks = [mail.greeting, *mail.paragraphs]
    if mail.facts:
        blocks.append("\n".join(f"{label}: {value}" for label, value in mail.facts))
    if mail.button:
        blocks.append(f"{mail.button[0]}:\n{mail.button[1]}")
    blocks += mail.closing
    if mail.look.signature:
        blocks.append("\n".join(mail.look.signature))
    if mail.look.footer:
        blocks.append("\n".join(mail.look.footer))
    return "\n\n".join(blocks) + "\n"


def send_mail(mail: Mail) -> None:
    """Send it now; raises what the mail server says, so that the caller tries again."""
    message = EmailMultiAlternatives(
        subject=_one_line(mail.subject),
        body=text_of(mail),
        from_email=formataddr((_one_line(mail.sender_name), settings.MAIL_FROM_ADDRESS)),
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Auto-Submitted": "auto-generated", "Content-Language": mail.language},
    )
    if mail.message_id:
        domain = settings.MAIL_FROM_ADDRESS.rpartition("@")[2]
        message.extra_headers["Message-ID"] = f"<{mail.message_id}@{domain}>"
    html = render_to_string("infra/mail.html", {"mail": mail, "look": mail.look})
    message.attach_alternative(_inliner.inline(html), "text/html")
    if mail.look.logo:
        from email.mime.image import MIMEImage

        image = MIMEImage(mail.look.logo, "png")
        image.add_header("Content-ID", "<logo>")
        image.add_header("Content-Disposition", "inline", filename="logo.png")
        message.attach(image)
    for name, content, kind in mail.attachments:
        message.attach(name, content, kind)
    message.send()
