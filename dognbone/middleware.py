"""The middleware of our own: the outermost, and the innermost."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import sync_only_middleware

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import get_client_info
from accounts.people import User
from dognbone.headers import CSP

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class CompressionMiddleware(GZipMiddleware):
    """Compresses the pages that say that they may be (`accounts/fragments.py: allow_compression()`)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(response, "may_be_compressed", False):
            response = super().process_response(request, response)
        return response


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which puts the policy of the settings together once for all answers without another."""

    OWN = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")
    # The settings' policy, and the header that it makes.
    kept: tuple[Any, str] = (None, "")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        policy = settings.CONTENT_SECURITY_POLICY
        has_own = CSP in response.headers or any(hasattr(response, name) for name in self.OWN)
        if has_own or response.status_code >= 400 or hasattr(request, "_csp_nonce"):
            return super().process_response(request, response)
        if self.kept[0] is not policy:
            response = super().process_response(request, response)
            self.kept = policy, response.headers[CSP]
        response.headers[CSP] = self.kept[1]
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
def keep_refusals(get_response: GetResponse) -> GetResponse:
    """Keeps who was not let see or do what, by the route: never what stood in its place of a key.

    Of what somebody asks for by an id that is not theirs, nothing tells it from one that is nobody's: 404.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == 403:
            keep_refusal(request)
        return response

    return answer


def keep_refusal(request: HttpRequest) -> None:
    route = request.resolver_match.route if request.resolver_match else ""
    if route.startswith("phone/webhooks/"):
        # Those have a table of their own.
        return
    person = request.user if isinstance(request.user, User) else None
    about = f"{request.method} {route}"
    try:
        record_refusal(Refusal.What.PAGE, user=person, client=get_client_info(request), about=about)
    except Error as error:
        # Whoever was refused is told so all the same.
        logger.warning("A refusal was not kept: %s", type(error).__name__)


@sync_only_middleware
def in_one_thread(get_response: GetResponse) -> GetResponse:
    """Does nothing, in a thread: so every middleware around it runs in that thread too.

    Under ASGI each of Django's own would otherwise hop to a thread and back twice a request.
    """
    return get_response
