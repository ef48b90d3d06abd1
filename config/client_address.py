"""Who is calling: the address that the nearest proxy we trust has seen.

Every proxy appends the address it was called from to X-Forwarded-For, so with N trusted proxies
the caller is the N-th entry from the right; everything left of it is the caller's own claim.
"""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any


def client_address(environ: Mapping[str, Any], *, trusted_proxies: int) -> str:
    """The caller's address; an IPv6 caller is its /64, since one home has that many to rotate.

    With fewer entries than trusted proxies the request did not come through them all, and the
    connection's own address counts.
    """
    address = environ.get("REMOTE_ADDR", "")
    if trusted_proxies:
        entries = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(entries) >= trusted_proxies:
            address = entries[-trusted_proxies].strip() or address
    if ":" not in address:
        return str(address)
    try:
        parsed = ip_address(address)
    except ValueError:
        return str(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed[:8] + bytes(8), 64)))
