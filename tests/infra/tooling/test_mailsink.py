"""The demo's post office keeps what it gets and shows it safely."""

import http.client
import json
import smtplib
from email.message import EmailMessage

import pytest

from infra.tooling.stack import ports
from infra.tooling.stack.mailsink import MailSink

EVIL = "<script>alert(1)</script>"


class Post:
    """A mail sink with both its doors."""

    def __init__(self, folder):
        self.smtp = ports.choose()
        self.http = ports.choose(taken=[self.smtp])
        self.sink = MailSink(folder, smtp_port=self.smtp, http_port=self.http)

    def send(self, message, to=("anna@example.com",)):
        with smtplib.SMTP("127.0.0.1", self.smtp) as connection:
            connection.send_message(message, "portal@smith.example", list(to))

    def ask(self, path, method="GET", host="127.0.0.1"):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=5)
        connection.request(method, path, headers={"Host": f"{host}:{self.http}"})
        response = connection.getresponse()
        response.content = response.read().decode(errors="replace")
        connection.close()
        return response

    def api(self, path=""):
        return json.loads(self.ask(f"/api/messages{path}").content)


@pytest.fixture
def post(tmp_path):
    office = Post(tmp_path / "mails")
    office.sink.start()
    yield office
    office.sink.stop()


def letter(subject="Your invoice", text="Pay at https://smith.example/pay?a=1&b=2", html=None):
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Smith & Partners <portal@smith.example>"
    message["To"] = "Anna <anna@example.com>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_lists_mails_newest_first(post):
    for subject in ("first", "second", "third"):
        post.send(letter(subject))
    assert [mail["subject"] for mail in post.api()] == ["third", "second", "first"]
    page = post.ask("/").content
    assert page.index("third") < page.index("second") < page.index("first")


def test_tells_all_of_a_mail_as_json(post):
    message = letter("Größe 5 €", "plain", "<p>rich</p>")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
    post.send(message)
    [mail] = post.api()
    assert mail["subject"] == "Größe 5 €"
    assert mail["to"] == ["anna@example.com"]
    assert mail["from"] == "Smith & Partners <portal@smith.example>"
    assert mail["text"].strip() == "plain"
    assert mail["html"].strip() == "<p>rich</p>"
    assert mail["attachments"] == ["bill.pdf"]
    assert post.api(f"/{mail['id']}") == mail


def test_finds_mails_by_recipient_blind_copies_too(post):
    post.send(letter("to Anna"))
    post.send(letter("to both"), to=["anna@example.com", "Ben@example.com"])
    assert [mail["subject"] for mail in post.api("?to=ben@")] == ["to both"]
    assert len(post.api("?to=ANNA")) == 2
    assert post.api("?to=nobody") == []


def test_empties_the_mailbox(post):
    post.send(letter())
    assert post.ask("/api/messages", "DELETE").status == 204
    assert post.api() == []
    assert "No mail yet" in post.ask("/").content


def test_escapes_everything_on_its_own_pages(post):
    message = letter(EVIL, f'{EVIL} https://x.example/"{EVIL}')
    message.add_attachment(b"x", maintype="text", subtype="html", filename=f"{EVIL}.html")
    post.send(message, to=['"<b>x</b>"@example.com'])
    [mail] = post.api()
    for path in ("/", f"/?to={EVIL}", f"/messages/{mail['id']}"):
        answer = post.ask(path.replace("<", "%3C").replace(">", "%3E"))
        assert answer.status == 200
        assert "<script" not in answer.content
        assert "<b>" not in answer.content
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_shows_html_only_in_a_sandbox(post):
    post.send(letter(html=f"<html><head></head><body>{EVIL}<a href='https://x.example'>go</a>"))
    [mail] = post.api()
    page = post.ask(f"/messages/{mail['id']}").content
    assert f'src="/messages/{mail["id"]}/html"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    frame = post.ask(f"/messages/{mail['id']}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert '<head><base target="_blank">' in frame.content


def test_plain_links_can_be_followed(post):
    post.send(letter())
    [mail] = post.api()
    page = post.ask(f"/messages/{mail['id']}").content
    assert '<a href="https://smith.example/pay?a=1&amp;b=2" target="_blank"' in page


def test_files_are_downloads_whatever_they_claim_to_be(post):
    message = letter()
    message.add_attachment(EVIL.encode(), maintype="text", subtype="html", filename="a\u202eb.html")
    post.send(message)
    [mail] = post.api()
    file = post.ask(f"/messages/{mail['id']}/files/0")
    assert file.content == EVIL
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["Content-Disposition"] == 'attachment; filename="a_b.html"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert post.ask(f"/messages/{mail['id']}/files/1").status == 404


def test_pictures_of_a_mail_are_served_to_its_frame(post):
    message = letter(html='<img src="cid:logo@firm">')
    html = message.get_payload()[1]
    html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo@firm>")
    post.send(message)
    [mail] = post.api()
    frame = post.ask(f"/messages/{mail['id']}/html").content
    assert f'src="/messages/{mail["id"]}/files/0"' in frame


def test_survives_a_mail_that_is_no_mail(post):
    with smtplib.SMTP("127.0.0.1", post.smtp) as connection:
        garbage = b"Subject: =?bad?Q?=00?=\r\nContent-Type: text/html; charset=nope\r\n\r\n\xff\xfe"
        connection.sendmail("a@x.example", ["b@x.example"], garbage)
    [mail] = post.api()
    assert mail["to"] == ["b@x.example"]
    for path in ("/", f"/messages/{mail['id']}", f"/messages/{mail['id']}/raw"):
        assert post.ask(path).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/messages/..%2F..%2Fsecrets.json",
        "/messages/0000000000000000000-00000000",
        "/api/messages/x",
        "/messages",
        "/messages/a/b/c/d",
        "/etc/passwd",
    ],
)
def test_anything_else_is_not_found(post, path):
    assert post.ask(path).status == 404


def test_refuses_other_host_names(post):
    """A page elsewhere that points its own name at loopback must not read the mails."""
    post.send(letter("secret"))
    answer = post.ask("/api/messages", host="evil.example")
    assert answer.status == 421
    assert "secret" not in answer.content
    assert post.ask("/api/messages", "DELETE", host="evil.example").status == 421
    assert len(post.api()) == 1


def test_mails_are_private_files(post, tmp_path):
    post.send(letter())
    assert (tmp_path / "mails").stat().st_mode & 0o777 == 0o700
