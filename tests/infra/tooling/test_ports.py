"""Which port a server gets."""

import signal
import socket
import subprocess
import sys

import pytest

from infra.tooling.stack import ports
from infra.tooling.stack.state import ROOT


@pytest.fixture
def listener():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_keeps_the_wanted_port_if_it_is_free():
    wanted = ports.choose()
    assert ports.choose(wanted) == wanted


def test_goes_to_a_port_near_the_wanted_one_if_somebody_listens_there(listener):
    assert not ports.is_free(listener)
    assert listener < ports.choose(listener) <= listener + 20


def test_never_gives_one_port_to_two_servers():
    wanted = ports.choose()
    assert ports.choose(wanted, taken=[wanted]) != wanted


def test_sees_a_listener_that_browsers_would_reach_over_ipv6():
    try:
        server = socket.socket(socket.AF_INET6)
        server.bind(("::1", 0))
    except OSError:
        return  # no IPv6 here, so no browser could be misled
    with server:
        server.listen()
        assert not ports.is_free(server.getsockname()[1])


def test_a_port_with_lingering_connections_is_free(listener):
    """Else the second start of the demo would move to another port for a minute."""
    wanted = ports.choose()
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", wanted))
        server.listen()
        with socket.create_connection(("127.0.0.1", wanted)):
            accepted, _ = server.accept()
            accepted.close()  # the side that closes first is the one that lingers
    assert ports.is_free(wanted)


# Chooses once it is told to, says what it got, and holds it until it ends.
START = """
import sys
from infra.tooling.stack import ports
print("ready", flush=True)
sys.stdin.readline()
print(ports.choose(int(sys.argv[1])), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def starts():
    """Starts other runs; none is left behind."""
    running = []

    def start(wanted):
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(wanted)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def _go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def _port(process):
    return int(process.stdout.readline())


def _unclaimed():
    """A free port that this process does not hold."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_runs_that_start_at_the_same_moment_get_ports_of_their_own(starts):
    """None of them listens yet: it is the claim alone that keeps them apart."""
    wanted = _unclaimed()
    runs = [starts(wanted) for _turn in range(4)]
    for run in runs:
        _go(run)
    chosen = [_port(run) for run in runs]
    assert len(set(chosen)) == len(chosen)
    assert wanted in chosen


def test_a_claim_ends_with_its_run_however_it_ends(starts):
    wanted = _unclaimed()
    first = starts(wanted)
    _go(first)
    assert _port(first) == wanted
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = starts(wanted)
    _go(second)
    assert _port(second) == wanted


def test_a_server_can_listen_on_the_port_that_its_run_claimed():
    wanted = ports.choose()
    with socket.socket() as server:
        server.bind(("127.0.0.1", wanted))
        server.listen()
        assert not ports.is_free(wanted)


def test_a_port_on_which_somebody_listens_is_not_held(listener):
    ports.choose(listener)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", listener))
