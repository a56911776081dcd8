"""PostgreSQL and Valkey start by themselves, hold what they are given, survive a kill."""

import os
import signal
import subprocess

import psycopg
import pytest
import redis

from infra.tenancy.database.serving_login import can_set_config, excess_rights
from infra.tooling.stack import logins, ports, postgres, valkey
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
        durable=durable,
    )


def lock_file(state):
    return postgres.kept_in(state.folder) / "data" / "postmaster.pid"


def test_one_login_serves_and_another_provisions(run, state):
    with run() as children:
        urls = logins.prepare(start_postgres(children, state), logins.names(), state.secrets())
        with psycopg.connect(urls["PROVISIONING_DATABASE_URL"], autocommit=True) as owner:
            owner.execute("CREATE ROLE firm_role NOLOGIN")
            member = "GRANT firm_role TO portico_app"
            if owner.info.server_version >= 160000:
                member += " WITH INHERIT FALSE, SET TRUE"
            owner.execute(member)
            owner.execute("CREATE SCHEMA firm_role CREATE TABLE kept (id int)")
        with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as serving:
            assert excess_rights(serving) == []
            assert not can_set_config(serving)
            for refused in (
                "CREATE ROLE another",
                "CREATE DATABASE another",
                "CREATE SCHEMA another",
                "CREATE TABLE public.another (id int)",
                "CREATE TEMPORARY TABLE another (id int)",
                "SELECT * FROM firm_role.kept",
                "SET ROLE portico_owner",
                "SET SESSION AUTHORIZATION portico_owner",
                "GRANT pg_read_all_data TO portico_app",
                "SELECT set_config('role', 'firm_role', false)",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    serving.execute(refused)
            serving.execute("SET ROLE firm_role")
            assert serving.execute("SELECT current_user").fetchone() == ("firm_role",)


def test_making_the_logins_again_gives_the_new_passwords(run, state):
    with run() as children:
        admin_url = start_postgres(children, state)
        logins.prepare(admin_url, logins.names(), state.secrets())
        other = state.secrets() | {"postgres": "other", "postgres_provisioning": "another"}
        for url in list(logins.prepare(admin_url, logins.names(), other).values())[:2]:
            psycopg.connect(url).close()


def test_an_owner_who_is_no_superuser_can_make_the_logins(run, state):
    with run() as children:
        admin_url = start_postgres(children, state)
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("CREATE ROLE house LOGIN CREATEROLE PASSWORD 'house-secret'")
            admin.execute("ALTER DATABASE portico OWNER TO house")
        given = admin_url.replace("postgres:super-secret", "house:house-secret")
        urls = logins.prepare(given, logins.names("mark"), state.secrets())
        with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as serving:
            assert excess_rights(serving) == []
            # Only a superuser can take this away: the check says so.
            assert can_set_config(serving)


def test_a_login_that_can_make_no_other_is_told_what_is_needed(run, state):
    with run() as children:
        admin_url = start_postgres(children, state)
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("CREATE ROLE guest LOGIN PASSWORD 'guest-secret'")
        given = admin_url.replace("postgres:super-secret", "guest:guest-secret")
        with pytest.raises(Failed, match="PROVISIONING_DATABASE_URL"):
            logins.prepare(given, logins.names("mark"), state.secrets())
        with psycopg.connect(admin_url) as admin:
            made = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'portico%'"
            assert admin.execute(made).fetchone() == (0,)


def test_the_servers_log_holds_no_value_of_a_failed_statement(run, state):
    value, failures = "Zebedee" + "-4711", 0
    with run() as children:
        url = start_postgres(children, state)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE person (email text PRIMARY KEY, age int CHECK (age > 0))"
            )
            insert = "INSERT INTO person VALUES (%s, %s)"
            connection.execute(insert, [value, 5])
            with psycopg.ClientCursor(connection) as merged:
                for cursor in (connection, merged):
                    for values in ([value, 5], [value + "x", -1], ["a", value]):
                        with pytest.raises(psycopg.Error, match=value):
                            cursor.execute(insert, values)
                        failures += 1
            with pytest.raises(psycopg.Error, match=value):
                connection.execute(f"DO $$ BEGIN RAISE WARNING '{value}'; RAISE '{value}'; END $$")
            with pytest.raises(psycopg.errors.SyntaxError):
                connection.execute(f"INSERT INTO person VALUES ('{value}'")
    assert failures == 6
    log = (state.logs / "postgres.log").read_text()
    assert "database system is ready" in log
    assert value not in log
    assert "INSERT" not in log


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
