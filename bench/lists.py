"""Lists and pages, each asked for again and again through the whole of Django in this process.

They stand beside a limit at p95 and, where there is one, beside the same list in stock ModelAdmin on the same
rows (`stock_admin.py`). `make(number)` is a page's address for the nth time it is asked for.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bench.timing import Timing, ratio, tell

if TYPE_CHECKING:
    from django.test import Client

    from accounts.people import User

Pages = Mapping[str, Callable[[int], str]]

ROUNDS = 40
STOCK_ROUNDS = 3
WARM_UP = 5
# Of one that is slow, which is asked for fewer times, so that the whole ends.
MOST_SECONDS = 20.0
LEAST_ROUNDS = 3


def measure_pages(client: "Client", pages: Pages, stock: Pages, limit: float, label: str = "") -> None:
    """Tells how long each of `pages` takes, beside `limit` milliseconds and its like in `stock`."""
    peers = measure_stock(stock)
    slowest = 0.0
    for name, make in pages.items():
        timing = time_page(client, make, ROUNDS, WARM_UP)
        slowest = max(slowest, timing.p95)
        told = [ratio(timing.p95, limit, f"the limit of {limit:.0f} ms")]
        if name in peers:
            told.append(ratio(timing.median, peers[name].median, f"stock ({peers[name].median:.0f} ms)"))
        tell(f"{label}{name}", f"median {timing.median:.0f} ms, p95 {timing.p95:.0f} ms", *told)
    tell(
        f"{label}the slowest",
        f"p95 {slowest:.0f} ms",
        ratio(slowest, limit, f"the limit of {limit:.0f} ms"),
    )


def measure_stock(pages: Pages) -> dict[str, Timing]:
    from django.conf import settings
    from django.test.utils import override_settings

    from accounts.people import User

    admin, _ = User.objects.get_or_create(
        email="bench-admin@example.com", defaults={"is_staff": True, "is_superuser": True}
    )
    # With Django's own templates too.
    own_templates = [{**settings.TEMPLATES[0], "DIRS": []}]
    with override_settings(TEMPLATES=own_templates, ROOT_URLCONF="bench.stock_admin"):
        client = sign_in(admin)
        return {name: time_page(client, make, STOCK_ROUNDS, 1) for name, make in pages.items()}


def sign_in(person: "User", **headers: str) -> "Client":
    from django.test import Client

    client = Client(headers={name.replace("_", "-"): value for name, value in headers.items()})
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def time_page(client: "Client", make: Callable[[int], str], rounds: int, warm_up: int) -> Timing:
    """Raises RuntimeError where it is not answered 200."""
    durations: list[float] = []
    end = time.perf_counter() + MOST_SECONDS
    for number in range(rounds + warm_up):
        begun = time.perf_counter()
        if begun > end and len(durations) >= LEAST_ROUNDS:
            break
        address = make(number)
        begun = time.perf_counter()
        answer = client.get(address)
        if number >= warm_up:
            durations.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return Timing(durations)
