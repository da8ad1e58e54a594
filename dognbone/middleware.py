"""The innermost middleware."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def in_one_thread(get_response: GetResponse) -> GetResponse:
    """Does nothing, in a thread: so every middleware around it runs in that thread too.

    Under ASGI each of Django's own would otherwise hop to a thread and back twice a request.
    """
    return get_response
