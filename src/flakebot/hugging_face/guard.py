"""Which addresses may be asked: Hugging Face's own, over https, in the public internet. Pure."""

from __future__ import annotations

import ipaddress
import string
from urllib.parse import urljoin, urlsplit

HUB = "huggingface.co"
HOSTS = (HUB, "hf.co")
"""With all names below them: https://huggingface.co/docs/hub/models-downloading"""

HTTPS_PORT = 443
HOST_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + ".-")


def refusal(address: str, endpoint: str) -> str:
    """Why an address must not be asked, empty when it may; `endpoint` is the configured host."""
    # What two parsers read in two ways is asked by none: in `https://a\.huggingface.co` urllib sees
    # a name below huggingface.co, urllib3 the host `a`.
    host = host_of(address)
    if not (address.isascii() and address.isprintable() and HOST_CHARACTERS.issuperset(host)):
        return "cannot be parsed"
    try:
        parts = urlsplit(address)
        plain = parts.scheme == "https" and parts.port in {None, HTTPS_PORT}
    except ValueError:
        return "cannot be parsed"
    if not plain or "@" in parts.netloc:
        return "is not plain https"
    if host and (host in {*HOSTS, endpoint} or host.endswith(tuple(f".{h}" for h in HOSTS))):
        return ""
    return "is not on a host of Hugging Face"


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast


def host_of(address: str) -> str:
    """The host of an address in small letters, empty when it has none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as written."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def joined(address: str, location: str) -> str:
    """Where a redirect leads, empty when it leads nowhere."""
    try:
        return urljoin(address, location)
    except ValueError:
        return ""
