"""Mails in the firm's name: its look, its signature, its address; never ours."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.storage import default_storage
from django.utils.translation import get_language

from branding.identity.selectors import legal_identity
from branding.look.models import Brand
from branding.look.palette import build_palette
from branding.look.selectors import published_brand
from infra.rendering.mail import Mail, MailLook, send_mail
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import in_one_line, one_stop
from tenants.firms.hosts import address


def portal_address(path: str, surface: str = "portal") -> str:
    """A full address on the firm's primary portal (or console) host."""
    firm = current_firm()
    host = firm.portal_host if surface == "portal" else firm.console_host
    return address(host, path)


def firm_name(brand: Brand | None = None) -> str:
    """The name the firm goes by."""
    brand = brand or published_brand()
    return (brand.display_name if brand else "") or current_firm().name


def mail_look() -> MailLook:
    """Colours, logo and signature of the current firm for its mails."""
    brand = published_brand() or Brand()
    palette = build_palette(brand.colour, brand.accent or None)
    identity = legal_identity()
    signature = [firm_name(brand)]
    if identity.phone:
        signature.append(identity.phone)
    if identity.email:
        signature.append(identity.email)
    footer = [
        part
        for part in (
            in_one_line(identity.address),
            identity.company_number,
            identity.vat_number,
        )
        if part
    ]
    logo = None
    if brand.logo and default_storage.exists(brand.logo):
        with default_storage.open(brand.logo) as file:
            logo = file.read()
    return MailLook(
        fill=palette.light.fill,
        on_fill=palette.light.on_fill,
        accent=palette.light.accent,
        logo=logo,
        signature=signature,
        footer=footer,
    )


def firm_mail(
    *,
    to: str,
    subject: str,
    greeting: str,
    paragraphs: Sequence[str],
    message_id: str,
    button: tuple[str, str] | None = None,
    closing: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
    attachments: Sequence[tuple[str, bytes, str]] = (),
) -> None:
    """Send one mail in the firm's name and look. Call it inside the reader's language."""
    send_mail(
        Mail(
            to=to,
            sender_name=firm_name(),
            subject=subject,
            greeting=greeting,
            paragraphs=[one_stop(paragraph) for paragraph in paragraphs],
            button=button,
            closing=closing,
            facts=facts,
            attachments=attachments,
            message_id=message_id,
            language=get_language() or "en",
            look=mail_look(),
            reply_to=legal_identity().email,
        )
    )
