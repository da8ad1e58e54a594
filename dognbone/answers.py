"""What answers say where their view does not: that nobody keeps them, and in which characters they are."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import sync_only_middleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]

TYPE = "Content-Type"


@sync_only_middleware
def complete(get_response: GetResponse) -> GetResponse:
    """Pages of packages say nothing of caches, though addresses and names are on them."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        kind = response.headers.get(TYPE, "")
        if kind.startswith("text/") and "charset" not in kind:
            response.headers[TYPE] = f"{kind}; charset={response.charset}"
        return response

    return answer
