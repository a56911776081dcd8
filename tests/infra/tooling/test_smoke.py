"""The check of the main job finds what is broken, against a portal that we break on purpose."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from infra.tooling import smoke

GOOD = {
    ("portico.localhost", "/"): (200, "hello"),
    ("portico.localhost", "/readyz"): (200, "{}"),
    ("smith.portico.localhost", "/sign-in/"): (200, "sign in"),
    ("smith.console.portico.localhost", "/sign-in/"): (200, "sign in"),
    ("smith.portico.localhost", "/api/v1/auth/csrf/"): (200, '{"token": "t"}'),
    ("smith.portico.localhost", "/api/v1/auth/login/"): (200, "{}"),
    ("smith.portico.localhost", "/api/v1/invoices/"): (200, '{"results": [{"id": "i1"}]}'),
    ("smith.portico.localhost", "/api/v1/invoices/i1/pdf/"): (200, "%PDF-1.7"),
}
PERSON = {"role": "client", "email": "anna@example.com", "password": "pw"}


class Portal(BaseHTTPRequestHandler):
    """Answers as told; the invoices only for who signed in with cookie and CSRF header."""

    answers: dict

    def do_GET(self):
        host = self.headers["Host"].split(":")[0]
        status, body = self.answers.get((host, self.path), (404, "nobody here"))
        if "invoices" in self.path and "__Host-sid=s" not in self.headers.get("Cookie", ""):
            status, body = 403, "sign in first"
        self.send_response(status)
        if self.path.endswith("csrf/"):
            self.send_header("Set-Cookie", "__Host-csrf=c; Path=/; Secure")
        if self.path.endswith("login/"):
            self.send_header("Set-Cookie", "__Host-sid=s; Path=/; Secure; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["X-CSRFToken"] == "c"
        assert given["email"] == PERSON["email"]
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def portal():
    answers = dict(GOOD)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("It", (Portal,), {"answers": answers}))
    Thread(target=server.serve_forever, daemon=True).start()
    facts = {
        "ports": {"web": server.server_port},
        "platform_url": f"http://portico.localhost:{server.server_port}",
        "firms": [
            {
                "portal_url": f"http://smith.portico.localhost:{server.server_port}",
                "console_url": f"http://smith.console.portico.localhost:{server.server_port}",
                "people": [{"role": "owner"}, PERSON],
            }
        ],
    }
    yield answers, facts
    server.shutdown()
    server.server_close()


def test_a_portal_that_works_has_no_problems(portal):
    _, facts = portal
    assert smoke.run(facts) == []


@pytest.mark.parametrize("broken", GOOD)
def test_each_broken_page_is_named(portal, broken):
    answers, facts = portal
    answers[broken] = (500, "oops")
    [problem] = smoke.run(facts)
    assert "got 500 (oops)" in problem


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/v1/invoices/", '{"results": []}', "is empty"),
        ("/api/v1/invoices/", "<html>", "unexpected answer"),
        ("/api/v1/invoices/i1/pdf/", "<html>", "is no PDF"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_a_problem(portal, path, body, said):
    answers, facts = portal
    answers["smith.portico.localhost", path] = (200, body)
    [problem] = smoke.run(facts)
    assert said in problem


def test_a_portal_that_answers_to_any_name_is_a_problem(portal):
    answers, facts = portal
    answers["nobody.example", "/"] = (200, "welcome")
    [problem] = smoke.run(facts)
    assert "an unknown host: expected 404" in problem


def test_a_portal_that_does_not_answer_is_a_problem_not_a_crash(portal):
    _, facts = portal
    facts["ports"]["web"] = 1
    assert len(smoke.run(facts)) == len(smoke.CHECKS)
