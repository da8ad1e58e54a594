"""Where an action was begun, so that it ends there: the same filters, the same page, the same row."""

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

FIELD = "back"


def read_way_back(request: HttpRequest) -> str:
    """The page of this admin that a form says it was sent from; "" where it names none, or another site's."""
    address = request.POST.get(FIELD, "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return ""
    try:
        match = resolve(address.partition("?")[0].partition("#")[0])
    except Resolver404:
        return ""
    return address if match.app_name == "admin" else ""
