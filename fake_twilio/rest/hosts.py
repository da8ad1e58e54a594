"""Which of Twilio's hosts a request was meant for.

The product sends everything to one loopback port and names the host it meant in `X-Twilio-Host`.
Living hosts are `{product}.twilio.com`, `{product}.us1.twilio.com` and
`{product}.{edge}.{region}.twilio.com` (Twilio, "Global infrastructure"). The regional hosts without
an edge, `api.ie1.twilio.com` and its like, ended on 2026-04-28; what they do now is unconfirmed,
here they are unreachable like every other host that does not exist: the connection is reset.
"""

from dataclasses import dataclass

from fake_twilio.store import Region

HEADER = "X-Twilio-Host"
PRODUCTS = frozenset({"api", "iam", "accounts", "monitor", "voice"})
EDGES = frozenset(
    {"ashburn", "umatilla", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "roaming"}
)
# Twilio documents one edge for each region outside US1; US1 is reached through all of them.
HOME_EDGES: dict[str, Region] = {"dublin.ie1": "ie1", "sydney.au1": "au1"}


class HostMissing(Exception):
    """The request does not say which of Twilio's hosts it is for: a mistake of the caller's set-up."""


class HostUnreachable(Exception):
    """A host that does not exist at Twilio, or no longer."""


@dataclass(frozen=True)
class TwilioHost:
    name: str
    product: str
    region: Region


def read_host(header: str) -> TwilioHost:
    """The host of `X-Twilio-Host`. Raises `HostMissing` for what is no host of Twilio's at all."""
    name = header.strip().lower().partition(":")[0]
    if not name.endswith(".twilio.com"):
        raise HostMissing(f"{HEADER} must name the host of twilio.com that the request is for")
    product, _, place = name.removesuffix(".twilio.com").partition(".")
    region = find_region(place)
    if product not in PRODUCTS or region is None:
        raise HostUnreachable(name)
    return TwilioHost(name, product, region)


def find_region(place: str) -> Region | None:
    """The region of the part of a host between product and `twilio.com`; None where nothing answers."""
    if place in ("", "us1"):
        return "us1"
    edge, _, region = place.partition(".")
    if region == "us1" and edge in EDGES:
        return "us1"
    return HOME_EDGES.get(place)
