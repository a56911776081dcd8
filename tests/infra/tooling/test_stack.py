"""The parts of infra/tooling/stack that need no server."""

import argparse
import os

import pytest
from django.conf import settings

from infra.tooling.stack import checks, demo, logins, portico, report, throwaway, trial
from infra.tooling.stack.environment import environment
from infra.tooling.stack.pip_settings import exports
from infra.tooling.stack.processes import Failed
from infra.tooling.stack.state import ROOT, State, read_json, write_private

FACTS = {
    "platform_url": "http://portico.localhost:8001",
    "operator_url": "http://ops.portico.localhost:8001",
    "mail_url": "http://127.0.0.1:8025",
    "operator": {"email": "op@portico.example", "password": "op-pass"},
    "firms": [
        {
            "name": "Smith & Partners",
            "portal_url": "http://smith.portico.localhost:8001",
            "console_url": "http://smith.console.portico.localhost:8001",
            "people": [
                {"role": "client", "email": "anna@example.com", "password": "pw-anna"},
                {"role": "owner", "email": "jane@smith.example", "password": "pw-jane"},
            ],
        }
    ],
}


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / ".state")


def asked_for(**options):
    return argparse.Namespace(**({"once": False, "reset": False, "yes": False} | options))


# A second start while the first runs


def test_only_one_start_holds_the_lock(state):
    first = state.lock()
    assert state.lock() is None
    first.close()
    assert state.lock() is not None


def test_a_second_start_points_to_the_first(state, capsys):
    write_private(state.facts, FACTS)
    assert demo._already_running(state, asked_for()) == 0
    said = capsys.readouterr().out
    assert "already running" in said
    assert "http://smith.portico.localhost:8001" in said
    assert "is ready" not in said


def test_a_second_start_while_the_first_is_not_ready_yet(state, capsys):
    assert demo._already_running(state, asked_for()) == 0
    assert "already starting" in capsys.readouterr().out


def test_a_second_start_with_reset_is_refused_and_deletes_nothing(state):
    write_private(state.facts, FACTS)
    with pytest.raises(Failed, match="Stop it before"):
        demo._already_running(state, asked_for(reset=True))
    assert state.facts.exists()


def test_only_the_worker_is_given_the_login_that_provisions(state):
    started = {}

    class Recorder:
        def start(self, name, command, *, env, cwd):
            started[name] = env

    env = {"DATABASE_URL": "postgres://app", "PROVISIONING_DATABASE_URL": "postgres://owner"}
    ports = dict.fromkeys(portico.WANTED_PORTS, 1)
    for name in portico.commands(state, ports):
        portico.start_process(name, state, Recorder(), ports, env)
    assert {"web", "live", "beat", "worker"} <= set(started)
    assert all("DATABASE_URL" in given for given in started.values())
    assert [name for name, given in started.items() if len(given) == 2] == ["worker"]


def test_the_guide_makes_the_logins_as_the_stack_does():
    guide = (ROOT / "docs/guides/operator.md").read_text()
    usual = {"serving": "portico_app", "provisioning": "portico_owner", "database": "portico"}
    for statement in logins.STATEMENTS + logins.SUPERUSER_STATEMENTS:
        assert f"{statement.format(**usual)};\n" in guide


# What is kept in .state


def test_secrets_are_made_once_and_are_private(state):
    first = state.secrets()
    assert first == state.secrets()
    assert len(set(first.values())) == len(first)
    assert (state.folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_half_a_file_counts_as_none(tmp_path):
    (tmp_path / "x.json").write_text('{"half')
    assert read_json(tmp_path / "x.json") is None


def test_lost_keys_are_said_and_not_replaced(state):
    """New keys would make the old data unreadable without a word."""
    (state.folder / "postgres").mkdir()
    with pytest.raises(Failed, match="--reset"):
        portico.start_servers(state, None, {}, given_is_ours=False)
    assert not (state.folder / "secrets.json").exists()


def test_reset_keeps_what_is_no_data(state):
    for name in ("native", "media", "test"):
        (state.folder / name).mkdir()
    state.secrets()
    demo._reset(state)
    assert {path.name for path in state.folder.iterdir()} == {"native", "test", "logs"}


def test_remembered_ports_are_used_again(state, monkeypatch):
    monkeypatch.delenv("PORTICO_PORT", raising=False)
    first = portico.choose_ports(state)
    assert len(set(first.values())) == len(first)
    second = portico.choose_ports(state)
    assert (second["postgres"], second["smtp"]) == (first["postgres"], first["smtp"])


def test_folders_of_killed_test_runs_are_removed(tmp_path):
    alive = tmp_path / f"{os.getpid()}-abc"
    dead = tmp_path / "999999999-abc"
    reused = tmp_path / f"{os.getpid()}-old"
    for folder in (alive, dead, reused):
        folder.mkdir()
    (reused / "born").write_text("another time")
    throwaway.remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == [alive]


# What children are told


def environment_of(monkeypatch, **variables):
    for name in ("SECRET_KEY", "PORTICO_DOMAIN", "EMAIL_HOST", "PORTICO_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return environment(
        settings="dev",
        state="/state",
        database={"DATABASE_URL": "postgres://x"},
        redis_url="redis://x",
        ports=PORTS,
        secrets={"secret_key": "made", "field_keys": "made"},
    )


PORTS = {"web": 8001, "smtp": 2525, "live": 9000}


def test_children_are_told_the_port_that_was_free(monkeypatch):
    env = environment_of(monkeypatch, PORTICO_PORT="8000")
    assert env["PORTICO_PORT"] == "8001"
    assert env["PORTICO_INTERNAL_URL"] == "http://127.0.0.1:8001"


def test_what_the_caller_says_wins_over_what_was_made_up(monkeypatch):
    env = environment_of(monkeypatch, SECRET_KEY="given", PORTICO_DOMAIN="portal.example")
    assert (env["SECRET_KEY"], env["PORTICO_DOMAIN"]) == ("given", "portal.example")
    assert env["EMAIL_HOST"] == "127.0.0.1"


# What a person sees


def test_the_table_shows_who_signs_in_where(capsys):
    report.print_facts(FACTS)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    console, portal = "http://smith.console.portico.localhost:8001", FACTS["firms"][0]["portal_url"]
    assert [console, "owner", "jane@smith.example", "pw-jane"] in lines
    assert [portal, "client", "anna@example.com", "pw-anna"] in lines


def test_a_failed_check_is_never_called_ready(capsys):
    report.print_state(["the invoice list is empty"])
    said = capsys.readouterr().out
    assert "NOT READY" in said
    assert "the invoice list is empty" in said
    assert "is ready" not in said


def test_a_seed_that_is_no_json_is_a_failure_in_words():
    with pytest.raises(Failed, match="one JSON object"):
        portico.parse_seed("Traceback")


# The test command


@pytest.mark.parametrize("arguments", [["-n", "4"], ["-n0"], ["--numprocesses=3"], ["--pdb"]])
def test_the_caller_may_say_how_many_processes(arguments):
    assert trial.pytest_command(arguments)[3:] == arguments


def test_pytest_runs_on_two_processes():
    assert trial.pytest_command(["tests/billing"])[3:] == ["-n", "2", "tests/billing"]


def test_every_check_runs_although_one_fails(monkeypatch, capsys):
    ran = []
    judges = {
        "first": lambda env: ran.append(1) or "bad line 7",
        "second": lambda env: ran.append(2),
    }
    monkeypatch.setattr(checks, "CHECKS", judges)
    assert checks.run({}) == 1
    said = capsys.readouterr().out
    assert sorted(ran) == [1, 2]
    assert "bad line 7" in said
    assert "1 of 2 checks failed: first" in said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{% translate "Error" %}: x', True),
        ("<b>{{ label }}</b>\n : {{ error }}", True),
        ("{% blocktranslate %}Line {{ n }}{% endblocktranslate %}: x", True),
        ('<p title="{{ label }}: x">', True),
        ("{% if reason %}: {{ reason }}{% endif %}", True),
        ('{% translate "Error:" %} x', False),
        ("{% blocktranslate %}{{ label }}: {{ error }}{% endblocktranslate %}", False),
        ('<a href="tel:{{ phone }}">{{ scheme }}://x</a>', False),
    ],
)
def test_a_colon_outside_of_a_translated_string_is_found(tmp_path, monkeypatch, text, found):
    folder = tmp_path / "webapp" / "templates" / "webapp"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("<p>\n" + text)
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    said = checks.colons({})
    assert (said is not None) is found
    if said:
        assert said.startswith("webapp/templates/webapp/page.html:")


def test_a_host_in_a_pinned_file_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    (tmp_path / "requirements.in").write_text("# compile with --no-emit-index-url\ndjango\n")
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    assert checks.no_addresses({}) is None
    (tmp_path / "requirements.txt").write_text("--extra-index-url https://pip.example/\n")
    (tmp_path / "uv.lock").write_text("")
    complaint = checks.no_addresses({})
    assert "requirements.txt:1" in complaint
    assert "uv.lock" in complaint


# pip's settings for uv


def test_uv_is_told_what_pip_knows():
    pip = {"index-url": "I", "extra-index-url": "A\nB", "find-links": "F G", "cert": "C"}
    assert exports(pip, {}) == {
        "UV_DEFAULT_INDEX": "I",
        "UV_INDEX": "A B",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "F,G",
        "SSL_CERT_FILE": "C",
    }


def test_what_uv_was_told_itself_wins():
    told = {"UV_INDEX_URL": "mine", "SSL_CERT_FILE": "mine"}
    assert exports({"index-url": "I", "cert": "C"}, told) == {}


def test_every_queue_has_a_worker_of_its_own(state):
    names = dict.fromkeys(portico.WANTED_PORTS, 1)
    served = {
        name: command[command.index("-Q") + 1]
        for name, command in portico.commands(state, names).items()
        if "-Q" in command
    }
    assert served == {
        "worker": "celery",
        "mail-worker": "mail",
        "drawings": "drawings",
        "imports": "imports",
    }
    assert set(served.values()) == {queue.name for queue in settings.CELERY_TASK_QUEUES}


def test_passwords_leave_a_thread_for_pages():
    busy = settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING
    assert busy < settings.REQUEST_THREADS
