"""Lists: the envelope of 2010-04-01 and of the product APIs, and working page tokens.

A page token names the resource beside which the page lies (`PA` after it, `PB` before it), so
that a resource added meanwhile moves nothing. Newest first, as Twilio lists.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.exchange import Answer, Exchange

DEFAULT_PAGE_SIZE = 50
INVALID_PAGE = 20006
TOKEN = re.compile(r"P([AB])([A-Z]{2}[0-9a-f]{32})")


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    number: int
    size: int
    next_token: str | None
    previous_token: str | None


def sorted_by_age(resources: Iterable[Any]) -> list[Any]:
    return sorted(resources, key=lambda one: one.created_at, reverse=True)


def cut_page(exchange: Exchange, rows: list[dict[str, Any]]) -> Page:
    """The page that was asked for. Raises `Refusal` for a token that names nothing here."""
    size = exchange.values.get("PageSize", DEFAULT_PAGE_SIZE)
    number = exchange.values.get("Page", 0)
    start = find_start(rows, exchange.values.get("PageToken", ""), number, size)
    end = start + size
    return Page(
        rows[start:end],
        number,
        size,
        f"PA{name_row(rows[end - 1])}" if end < len(rows) else None,
        f"PB{name_row(rows[start])}" if start > 0 else None,
    )


def name_row(row: dict[str, Any]) -> str:
    """A participant has no SID of its own, but its call's."""
    return str(row["sid"] if "sid" in row else row["call_sid"])


def find_start(rows: list[dict[str, Any]], token: str, number: int, size: int) -> int:
    if not token:
        return number * size
    places = {name_row(row): place for place, row in enumerate(rows)}
    match = TOKEN.fullmatch(token)
    if match is None or match[2] not in places:
        raise bad_parameter(INVALID_PAGE, f"Invalid PageToken: {token}")
    place = places[match[2]]
    return place + 1 if match[1] == "A" else max(0, place - size)


def list_v2010(exchange: Exchange, key: str, element: str, rows: list[dict[str, Any]]) -> Answer:
    page = cut_page(exchange, rows)
    address = address_maker(exchange, exchange.path, page.size)
    start = page.number * page.size
    body = {
        "first_page_uri": address(0, None),
        "end": max(start, start + len(page.rows) - 1),
        "next_page_uri": page.next_token and address(page.number + 1, page.next_token),
        "previous_page_uri": page.previous_token and address(max(0, page.number - 1), page.previous_token),
        "page": page.number,
        "page_size": page.size,
        "start": start,
        "uri": address(page.number, exchange.values.get("PageToken")),
        key: page.rows,
    }
    return Answer(body, f"{element}[]")


def list_product(exchange: Exchange, key: str, rows: list[dict[str, Any]]) -> Answer:
    page = cut_page(exchange, rows)
    url = f"https://{exchange.host.name}{exchange.path}"
    address = address_maker(exchange, url, page.size)
    meta = {
        "key": key,
        "page": page.number,
        "page_size": page.size,
        "first_page_url": address(0, None),
        "next_page_url": page.next_token and address(page.number + 1, page.next_token),
        "previous_page_url": page.previous_token and address(max(0, page.number - 1), page.previous_token),
        "url": address(page.number, exchange.values.get("PageToken")),
    }
    return Answer({"meta": meta, key: page.rows})


def address_maker(exchange: Exchange, base: str, size: int) -> Callable[[int, str | None], str]:
    """Addresses of pages of the same list, with the filters that were asked for."""
    filters = {
        name: value
        for name, value in exchange.request.query.items()
        if name not in ("PageSize", "Page", "PageToken")
    }

    def address(number: int, token: str | None) -> str:
        query = {**filters, "PageSize": size, "Page": number}
        if token:
            query["PageToken"] = token
        return f"{base}?{urlencode(query)}"

    return address
