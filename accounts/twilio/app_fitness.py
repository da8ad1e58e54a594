"""Whether a TwiML App leads to Dog n Bone: whether a call through its very Voice URL would be answered.

Twilio signs the address as the app spells it, and Dog n Bone checks the signature against its own
spelling, so scheme, host and path have to be the same byte for byte. A query is part of both, a default
port counts for nothing, and what stands behind a `#` is for Twilio alone.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.twilio.rest import read_text

URL_LENGTH = 2000


def find_app_fault(app: Mapping[str, Any], voice_url: str) -> str:
    """Why calls through this TwiML App would not be answered; "" if they would.

    `voice_url`: where Dog n Bone answers the calls of the account; "" for one that it does not know.
    The words name no address of an account, which only Twilio may know.
    """
    found = read_text(app, "voice_url", URL_LENGTH)
    if not found:
        return "has no Voice URL"
    if fault := find_server_fault(found):
        return fault
    if (read_text(app, "voice_method", 10) or "POST").upper() != "POST":
        return "asks with GET instead of POST"
    theirs, ours = find_path(found), find_path(voice_url)
    if voice_url and theirs == ours:
        return ""
    if voice_url and theirs.rstrip("/?") == ours.rstrip("/"):
        return "has a Voice URL that differs from this account's address in the last character, the slash"
    return "sends calls to this server, but not to this account's address"


def find_path(url: str) -> str:
    """The path of an address that leads to this server, as it is spelt; with the mark of an empty query."""
    path, mark, query = url.partition("#")[0].partition("?")
    return path.partition("://")[2].partition("/")[2] + ("" if query else mark)


def find_host(scheme: str, netloc: str) -> str:
    return netloc.removesuffix({"https": ":443", "http": ":80"}.get(scheme, ":"))


def find_server_fault(found: str) -> str:
    """Why an address does not lead to this server; "" if it does."""
    try:
        theirs, ours = urlsplit(found), urlsplit(settings.PUBLIC_URL)
    except ValueError:
        return "has a Voice URL that is no web address"
    if find_host(theirs.scheme, theirs.netloc) == find_host(ours.scheme, ours.netloc):
        is_same = theirs.scheme == ours.scheme
        return (
            "" if is_same else f"has a Voice URL with {theirs.scheme or 'nothing'} instead of {ours.scheme}"
        )
    if theirs.netloc.lower() == ours.netloc.lower():
        return f"spells this server's name otherwise than {ours.netloc}, which Twilio's signature depends on"
    where = theirs.hostname or "nowhere"
    if where == ours.hostname:
        return f"sends calls to another port or login of {ours.netloc}"
    return f"sends calls to {where} instead of {ours.hostname}"
