"""Reading what a request asks with: strict about names, values and how often each may come."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiMapping

from fake_twilio.refusals import Refusal, bad_parameter

FORM = "application/x-www-form-urlencoded"
# Twilio names no code for a parameter it does not know; this one is "Unknown parameters" of its list.
UNKNOWN_PARAMETER = 20001
INVALID_URL = 21402
INVALID_METHOD = 21403
PAGE_SIZE_TOO_LARGE = 20007
MAX_PAGE_SIZE = 1000

Read = Callable[[str, str], Any]


@dataclass(frozen=True)
class Parameter:
    read: Read
    # Twilio's code for its absence, 0 where it may be absent.
    missing_code: int = 0
    is_repeated: bool = False


def read_text(name: str, value: str) -> str:
    return value


def read_friendly_name(name: str, value: str) -> str:
    if len(value) > 64:
        raise bad_parameter(UNKNOWN_PARAMETER, f"{name} is longer than 64 characters")
    return value


def read_url(name: str, value: str) -> str:
    """An absolute http or https URL, or nothing, which clears the field."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise bad_parameter(INVALID_URL, f"{name} is not a valid URL: {value}")
    return value


def read_method(name: str, value: str) -> str:
    if value.upper() not in ("GET", "POST"):
        raise bad_parameter(INVALID_METHOD, f"{name} is not a valid HTTP method: {value}")
    return value.upper()


def read_bool(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise bad_parameter(UNKNOWN_PARAMETER, f"{name} must be true or false")
    return value.lower() == "true"


def whole_number(least: int, most: int, code: int = UNKNOWN_PARAMETER) -> Read:
    def read(name: str, value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            raise bad_parameter(code, f"{name} must be a number from {least} to {most}")
        return int(value)

    return read


def one_of(*choices: str, code: int = UNKNOWN_PARAMETER) -> Read:
    def read(name: str, value: str) -> str:
        if value not in choices:
            raise bad_parameter(code, f"{name} must be one of {', '.join(choices)}")
        return value

    return read


def sid(prefix: str, code: int = UNKNOWN_PARAMETER) -> Read:
    """A SID with `prefix`, or nothing, which clears the field."""

    def read(name: str, value: str) -> str:
        if value and not re.fullmatch(prefix + r"[0-9a-fA-F]{32}", value):
            raise bad_parameter(code, f"{name} is not a SID of the kind {prefix}")
        return value

    return read


TEXT = Parameter(read_text)
FRIENDLY_NAME = Parameter(read_friendly_name)
URL = Parameter(read_url)
METHOD = Parameter(read_method)
BOOL = Parameter(read_bool)
PAGING = {
    "PageSize": Parameter(whole_number(1, MAX_PAGE_SIZE, PAGE_SIZE_TOO_LARGE)),
    "Page": Parameter(whole_number(0, 999_999_999)),
    "PageToken": TEXT,
}


async def read_parameters(request: web.Request, known: Mapping[str, Parameter]) -> dict[str, Any]:
    """The values by name. Raises `Refusal` for an unknown, missing, repeated or wrong one."""
    sent = await read_sent(request)
    values: dict[str, Any] = {}
    for name in sent:
        if name not in known:
            raise bad_parameter(UNKNOWN_PARAMETER, f"Unknown parameter: {name}")
        values[name] = read_one(name, known[name], sent.getall(name))
    for name, parameter in known.items():
        if parameter.missing_code and not values.get(name):
            raise bad_parameter(parameter.missing_code, f"No '{name}' is specified")
    return values


async def read_sent(request: web.Request) -> MultiMapping[str]:
    if request.method != "POST":
        return request.query
    if request.can_read_body and request.content_type != FORM:
        raise Refusal(415, 20415, "Unsupported Media Type")
    form = await request.post()
    return form  # type: ignore[return-value]  # a url-encoded form holds text only


def read_one(name: str, parameter: Parameter, values: list[str]) -> Any:
    if parameter.is_repeated:
        return [parameter.read(name, value) for value in values]
    if len(values) > 1:
        raise bad_parameter(UNKNOWN_PARAMETER, f"{name} may be given once")
    return parameter.read(name, values[0])
