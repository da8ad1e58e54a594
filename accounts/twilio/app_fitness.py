"""Whether a TwiML App leads to Dog n Bone: whether a call through its very Voice URL would be answered.

Twilio signs the address as the app spells it, and Dog n Bone checks the signature against its own
spelling, so scheme, host and path have to be the same byte for byte. A query is part of both, a default
port counts for nothing, and what stands behind a `#` is for Twilio alone.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.twilio.rest import read_text

URL_LENGTH = 2000


def find_app_fault(app: Mapping[str, Any], voice_url: str) -> Words:
    """Why calls through this TwiML App would not be answered; "" if they would.

    It stands behind "the TwiML App …".

    `voice_url`: where Dog n Bone answers the calls of the account; "" for one that it does not know.
    The words name no address of an account, which only Twilio may know.
    """
    found = read_text(app, "voice_url", URL_LENGTH)
    if not found:
        return _("has no Voice URL")
    if fault := find_server_fault(found):
        return fault
    if (read_text(app, "voice_method", 10) or "POST").upper() != "POST":
        return _("asks with GET instead of POST")
    theirs, ours = find_path(found), find_path(voice_url)
    if voice_url and theirs == ours:
        return ""
    if voice_url and theirs.rstrip("/?") == ours.rstrip("/"):
        return _("has a Voice URL that differs from this account's address in the last character, the slash")
    return _("sends calls to this server, but not to this account's address")


def find_path(url: str) -> str:
    """The path of an address that leads to this server, as it is spelt; with the mark of an empty query."""
    path, mark, query = url.partition("#")[0].partition("?")
    return path.partition("://")[2].partition("/")[2] + ("" if query else mark)


def find_host(scheme: str, netloc: str) -> str:
    return netloc.removesuffix({"https": ":443", "http": ":80"}.get(scheme, ":"))


def find_server_fault(found: str) -> Words:
    """Why an address does not lead to this server; "" if it does."""
    try:
        theirs, ours = urlsplit(found), urlsplit(settings.PUBLIC_URL)
    except ValueError:
        return _("has a Voice URL that is no web address")
    if find_host(theirs.scheme, theirs.netloc) == find_host(ours.scheme, ours.netloc):
        return find_scheme_fault(theirs.scheme, ours.scheme)
    if theirs.netloc.lower() == ours.netloc.lower():
        fault = _("spells this server's name otherwise than {ours}, which Twilio's signature depends on")
        return format_lazy(fault, ours=ours.netloc)
    if not theirs.hostname:
        return format_lazy(_("sends calls to nowhere instead of {ours}"), ours=ours.hostname)
    if theirs.hostname == ours.hostname:
        return format_lazy(_("sends calls to another port or login of {ours}"), ours=ours.netloc)
    fault = _("sends calls to {theirs} instead of {ours}")
    return format_lazy(fault, theirs=theirs.hostname, ours=ours.hostname)


def find_scheme_fault(theirs: str, ours: str) -> Words:
    if theirs == ours:
        return ""
    if not theirs:
        return format_lazy(_("has a Voice URL with nothing instead of {ours}"), ours=ours)
    return format_lazy(_("has a Voice URL with {theirs} instead of {ours}"), theirs=theirs, ours=ours)
