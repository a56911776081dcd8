"""What the mail sink's pages look like. Every value from a mail is escaped here."""

import re
from collections.abc import Sequence
from html import escape

from infra.tooling.stack.mailbox import Mail

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
)
# A mail may bring its own style and pictures, and its links may open a new tab. No script,
# no form, no origin.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {origin} data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#dcdfe4, #353a42);
  --quiet: light-dark(#5a6270, #a3abb8); --page: light-dark(#f6f7f9, #15181c);
  --card: light-dark(#ffffff, #1d2127); --link: light-dark(#1d4ed8, #93b4ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
a { color: var(--link); }
h1 { font-size: 1.35rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
.quiet { color: var(--quiet); }
form { display: flex; gap: .5rem; margin: 0 0 1rem; flex-wrap: wrap; }
input { flex: 1 1 14rem; }
input, button { font: inherit; padding: .45rem .7rem; border: 1px solid var(--line);
  border-radius: 8px; background: var(--card); color: inherit; }
ol { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line);
  border-radius: 10px; background: var(--card); overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
li a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem;
  padding: .7rem 1rem; text-decoration: none; color: inherit; }
li a:hover, li a:focus-visible { background: var(--page); }
li strong { overflow-wrap: anywhere; font-weight: 600; }
li .to { grid-column: 1 / -1; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .2rem 1rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 44rem; border: 1px solid var(--line); border-radius: 10px;
  background: #fff; }
pre { margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card); white-space: pre-wrap; overflow-wrap: anywhere; font-size: .9rem; }
"""


def listing(mails: Sequence[Mail], to: str) -> str:
    """The mailbox, newest first."""
    rows = "".join(
        f'<li><a href="/messages/{mail.id}"><strong>{_subject(mail)}</strong>'
        f'<time class="quiet">{_moment(mail)}</time>'
        f'<span class="to quiet">{escape(", ".join(mail.recipients))}</span></a></li>'
        for mail in mails
    )
    if rows:
        rows = f"<ol>{rows}</ol>"
    elif to:
        rows = '<p class="quiet">No mail to an address with this text. <a href="/">Show all</a></p>'
    else:
        rows = (
            '<p class="quiet">No mail yet. Whatever Portico sends, such as an invitation or an '
            "invoice, arrives here and goes nowhere else.</p>"
        )
    return _page(
        "Mail",
        "<h1>Mail sent by Portico</h1>"
        '<form><input type="search" name="to" aria-label="Recipient" placeholder="Recipient" '
        f'value="{escape(to)}"><button>Show</button></form>{rows}',
    )


def single(mail: Mail) -> str:
    """One mail: who, what, its HTML as a reader sees it, its text, its files."""
    facts = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>"
        for name, value in (
            ("From", mail.header("From")),
            ("To", ", ".join(mail.recipients)),
            ("Reply to", mail.header("Reply-To")),
            ("Received", _moment(mail)),
        )
        if value
    )
    files = "".join(
        f'<li><a href="/messages/{mail.id}/files/{number}"><strong>{escape(file.name)}</strong>'
        f'<span class="quiet">{len(file.content):,} bytes</span></a></li>'
        for number, file in enumerate(mail.attachments)
    )
    body = f'<p><a href="/">All mail</a></p><h1>{_subject(mail)}</h1><dl>{facts}</dl>'
    if mail.html:
        # The mail's own links open in a new tab: the portal refuses to be framed.
        body += (
            f'<h2>As a reader sees it</h2><iframe title="The mail" src="/messages/{mail.id}/html" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
    if mail.text:
        body += f"<h2>Plain text</h2><pre>{_linked(mail.text)}</pre>"
    if files:
        body += f"<h2>Files</h2><ol>{files}</ol>"
    body += f'<p><a href="/messages/{mail.id}/raw">Source</a></p>'
    return _page(mail.header("Subject") or "Mail", body)


def sandboxed(mail: Mail) -> str:
    """The mail's HTML for the frame: links to a new tab, pictures from its own files."""
    html = mail.html
    for number, file in enumerate(mail.attachments):
        if file.cid:
            html = html.replace(f"cid:{file.cid}", f"/messages/{mail.id}/files/{number}")
    base = '<base target="_blank">'
    # After <head>, not before everything: text before the doctype would change the layout.
    html, done = re.subn(r"<head\b[^>]*>", lambda head: head[0] + base, html, count=1, flags=re.I)
    return html if done else base + html


def _linked(text: str) -> str:
    """Plain text with its web addresses clickable."""
    pieces = re.split(r"(https?://[^\s<>\"']+)", text)
    return "".join(
        f'<a href="{escape(piece)}" target="_blank" rel="noopener noreferrer">{escape(piece)}</a>'
        if odd % 2
        else escape(piece)
        for odd, piece in enumerate(pieces)
    )


def _subject(mail: Mail) -> str:
    return escape(mail.header("Subject")) or "<em>(no subject)</em>"


def _moment(mail: Mail) -> str:
    return f"{mail.received_at.astimezone():%Y-%m-%d %H:%M:%S}"


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><main>{body}</main></body></html>"
    )
