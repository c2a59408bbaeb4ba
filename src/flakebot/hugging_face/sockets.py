"""Connections over TLS that go only where the name was checked to lead.

A name is looked up once for each connection. All addresses it has must be public, and the
connection goes to one of those very addresses, so that a name which changes between the check and
the connection gains nothing. TLS still asks for the name itself.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from flakebot.hugging_face.guard import is_public

MAX_TRIED = 3
"""Addresses of one name that are tried, each for as long as a connection may take."""

Resolver = Callable[[str], Sequence[str]]
"""The IP addresses of a host name; raises `OSError` when it has none."""

Connect = Callable[[tuple[str, int], float | None], socket.socket]
"""Opens a connection to an IP address and port within so many seconds."""


class UnresolvedError(Exception):
    """A name has no address now."""


class PrivateAddressError(Exception):
    """A name leads to an address outside the public internet, as a cloud's metadata service."""


class CheckedAdapter(HTTPAdapter):
    """Makes the connections of a `requests` session to `https` addresses.

    Behind a proxy that the environment names, the proxy looks names up and makes the connections.
    """

    def __init__(self, resolver: Resolver, connect: Connect) -> None:
        self._pools = {"http": HTTPConnectionPool, "https": _pool(resolver, connect)}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # inherited
        """Make the pool of connections one that checks."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


def _pool(resolver: Resolver, connect: Connect) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            timeout = self.timeout if isinstance(self.timeout, int | float) else None
            failure: OSError = OSError("the name has no address")
            for address in checked(self.host.rstrip("."), resolver)[:MAX_TRIED]:
                try:
                    return connect((address, self.port), timeout)
                except OSError as error:
                    failure = error
            if isinstance(failure, TimeoutError):
                raise ConnectTimeoutError(self, "the connection timed out") from failure
            raise NewConnectionError(self, f"no connection: {failure}") from failure

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


def checked(host: str, resolver: Resolver) -> Sequence[str]:
    """The addresses of a host.

    Raises:
        UnresolvedError: it has none now.
        PrivateAddressError: one of them is not public.

    """
    try:
        found = resolver(host)
    except OSError as error:
        raise UnresolvedError(host) from error
    if not found or not all(map(is_public, found)):
        raise PrivateAddressError(host)
    return found


def resolve(host: str) -> Sequence[str]:
    """The addresses of a host by the system's resolver, bounded by its own time-outs."""
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: tuple[str, int], timeout: float | None) -> socket.socket:
    """A connection to an IP address."""
    return socket.create_connection(address, timeout)
