"""The middleware of our own: the outermost, and the innermost."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import sync_only_middleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class CompressionMiddleware(GZipMiddleware):
    """Compresses the pages that say that they may be (`accounts/fragments.py: allow_compression()`)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(response, "may_be_compressed", False):
            response = super().process_response(request, response)
        return response


class OriginMiddleware(CsrfViewMiddleware):
    """Django's, that takes no form from a page without TLS where the site has it.

    Django itself trusts the page that a request seems to be of, which behind a proxy may be an http one.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        is_https = urlsplit(settings.PUBLIC_URL).scheme == "https"
        if is_https and not request.META["HTTP_ORIGIN"].lower().startswith("https://"):
            return False
        return bool(super()._origin_verified(request))  # type: ignore[misc]


@sync_only_middleware
def in_one_thread(get_response: GetResponse) -> GetResponse:
    """Does nothing, in a thread: so every middleware around it runs in that thread too.

    Under ASGI each of Django's own would otherwise hop to a thread and back twice a request.
    """
    return get_response
