"""PostgreSQL and Valkey start by themselves, hold what they are given, survive a kill."""

import os
import signal
import subprocess

import psycopg
import pytest
import redis

from infra.tooling.stack import ports, postgres, valkey
from infra.tooling.stack.processes import Children, Failed, is_alive, wait_until
from infra.tooling.stack.state import State


@pytest.fixture
def state(tmp_path):
    yield State(tmp_path)
    postgres.wipe(tmp_path)


@pytest.fixture
def run(state):
    """Starts a run: what holds the children of one ./infra/up."""
    return lambda: Children(register=state.children, logs=state.logs)


def start_postgres(children, state, *, durable=False):
    return postgres.start(
        children,
        state=state.folder,
        port=ports.choose,
        superuser_password="super-secret",
        password="app-secret",
        durable=durable,
    )


def lock_file(state):
    return postgres.kept_in(state.folder) / "data" / "postmaster.pid"


def test_the_application_is_no_superuser_but_makes_and_becomes_roles(run, state):
    with run() as children:
        url = start_postgres(children, state)
        with psycopg.connect(url, autocommit=True) as connection:
            rights = connection.execute(
                "SELECT rolsuper, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles "
                "WHERE rolname = current_user"
            ).fetchone()
            assert rights == (False, True, True, False)
            connection.execute("CREATE ROLE firm_role NOLOGIN")
            if connection.info.server_version < 160000:
                connection.execute("GRANT firm_role TO CURRENT_USER")
            connection.execute("SET ROLE firm_role")
            assert connection.execute("SELECT current_user").fetchone() == ("firm_role",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE public.foreign_to_it (id int)")


def test_letters_and_time_do_not_depend_on_this_machine(run, state):
    with run() as children, psycopg.connect(start_postgres(children, state)) as connection:
        assert connection.execute("SELECT upper('äж')").fetchone() == ("ÄЖ",)
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_data_outlives_a_kill_of_the_server(run, state):
    with run() as children:
        with psycopg.connect(start_postgres(children, state, durable=True)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS id")
        pid = int(lock_file(state).read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not is_alive(pid), seconds=5)
        with pytest.raises(Failed, match="postgres stopped by itself"):
            children.check()
    with run() as children, psycopg.connect(start_postgres(children, state)) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (7,)


def test_a_lock_whose_pid_now_belongs_to_a_stranger_does_not_block_the_start(run, state):
    with run() as children:
        start_postgres(children, state)
    stranger = subprocess.Popen(["sleep", "60"])
    lock_file(state).write_text(f"{stranger.pid}\n{lock_file(state).parent}\n0\n0\n")
    try:
        with run() as children:
            start_postgres(children, state)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_data_of_another_major_version_is_not_touched(run, state):
    with run() as children:
        start_postgres(children, state)
    version = lock_file(state).with_name("PG_VERSION")
    version.write_text("12\n")
    with run() as children, pytest.raises(Failed, match="belongs to PostgreSQL 12"):
        start_postgres(children, state)
    assert version.exists()


def test_valkey_asks_for_its_password_and_keeps_what_was_queued(run, state):
    for found in (None, b"a task"):
        with run() as children:
            url = valkey.start(children, state=state.folder, port=ports.choose, password="secret")
            with redis.Redis.from_url(url) as client:
                assert client.get("queue") == found
                client.set("queue", "a task")
            stranger = redis.Redis.from_url(url.replace("secret", "guess"))
            with stranger, pytest.raises(redis.exceptions.AuthenticationError):
                stranger.ping()
    assert (state.folder / "valkey/valkey.conf").stat().st_mode & 0o777 == 0o600
