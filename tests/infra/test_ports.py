"""Which port a server gets."""

import socket

import pytest

from infra.services import ports


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
