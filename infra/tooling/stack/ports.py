"""Free loopback ports: the wanted one if it is free, else another; claimed at once.

A server listens long after its port was chosen, and another start would choose it meanwhile.
So a run claims its ports, and holds the claims until it ends.
"""

import random
import socket
from collections.abc import Iterable

# Below the range from which the kernel takes ports for outgoing connections: a port
# chosen there could be taken again between choosing it and listening on it.
_RANGE = range(20000, 30000)
# The claims of this process. The kernel lets them go with it, however it ends.
_claims: dict[int, socket.socket] = {}


def is_free(port: int) -> bool:
    """Whether a server of ours would be the one that browsers reach on this port."""
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        # Browsers try ::1 first for *.localhost, so somebody there would shadow us.
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.settimeout(0.5)
                if probe.connect_ex((host, port)) == 0:
                    return False
        except OSError:  # no IPv6 on this machine
            continue
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it: connections lingering from our last run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def claim(port: int) -> bool:
    """Whether the port is ours now, or was already; of several runs that ask, one gets it.

    A claim is the same number bound for UDP, which none of our servers speaks: atomic, no
    file to leave behind, and the TCP port stays free for the server to come.
    """
    if port in _claims:
        return True
    held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        held.bind(("127.0.0.1", port))
    except OSError:
        held.close()
        return False
    _claims[port] = held
    return True


def choose(wanted: int | None = None, *, taken: Iterable[int] = ()) -> int:
    """`wanted` if free, else one of the twenty after it, else any free port; it is claimed."""
    avoid = set(taken)
    near = list(range(wanted, min(wanted + 21, 65536))) if wanted else []
    for port in near + random.sample(_RANGE, 200):
        if port in avoid or not claim(port):
            continue
        if is_free(port):
            return port
        # Claimed first, looked at afterwards: nobody comes in between.
        _claims.pop(port).close()
    raise OSError("no free port on 127.0.0.1")
