"""Where others find this machine: a laptop in a classroom, say, whose own browser has the page at localhost."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

_FAR, _NEAR = "10.254.254.254", "224.0.0.1"  # some host beyond the router; all hosts on one link (RFC 1112)
_OWN = ("127.", "0.")


def address_in_network() -> str | None:
    """This machine's IPv4 address for others in its network; None when it is in none. Sends nothing.

    The address by which it would go to other networks; without a way there, as with a laptop that is itself a school's
    wireless network, that of the first interface which has one (Linux and macOS).
    """
    for interface in (None, *(number for number, _ in socket.if_nameindex())):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
            if interface is not None:
                of_interface = struct.pack("=4x4xi", interface)  # an ip_mreqn with the interface's number alone
                asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, of_interface)
            asking.connect((_FAR if interface is None else _NEAR, 9))  # chooses the way, and with it the address
            found = str(asking.getsockname()[0])
            if not found.startswith(_OWN):
                return found
    return None
