"""Makes inputs up: what a place declares, sensibly filled in but for a few places that are made wrong."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django import forms
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.utils import timezone

from fuzz import files
from fuzz.declared import Key, Route, list_routes
from fuzz.inputs import SOCKET, Delivery, Frames, Input, Pairs, Request
from fuzz.pages import PageForm, read_forms
from fuzz.stage import ACTORS, Stage
from fuzz.values import BAD_JSON, make_header, make_json, make_text, spoil
from phone.connection_tests.texts import CHECKS
from phone.device.events import DeviceEvent
from phone.in_call.deeds import DEEDS

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "ßß")
LOOKUPS = (
    *(
        "",
        "exact",
        "iexact",
        "in",
        "gt",
        "gte",
        "lt",
        "lte",
        "range",
        "isnull",
        "contains",
        "startswith",
        "regex",
    ),
    *(
        "year",
        "year__gte",
        "month",
        "date",
        "hour__in",
        "isnull__in",
        "id",
        "user__password",
        "has_key",
        "foo__bar",
    ),
)
OF_LISTS = (
    "q",
    "o",
    "p",
    "e",
    "all",
    "_facets",
    "_popup",
    "_to_field",
    "_changelist_filters",
    "at",
    "term",
    "next",
)
# https://www.twilio.com/docs/voice/api/call-resource#call-status-values and what else Twilio says in a word.
SAID = {
    "Status": (
        *(
            "queued",
            "initiated",
            "ringing",
            "in-progress",
            "answered",
            "completed",
            "busy",
            "failed",
            "no-answer",
        ),
        *("canceled", "absent", "paused", "stopped"),
    ),
    "Event": (
        *("conference-start", "conference-end", "participant-join", "participant-leave", "participant-hold"),
        *("participant-unhold", "participant-mute", "announcement-end", "recording-started"),
    ),
    "Timestamp": ("Mon, 30 Nov 2026 10:00:00 +0000",),
    "StartTime": ("Mon, 30 Nov 2026 10:00:00 +0000",),
    "Duration": ("0", "1", "12"),
    "Channels": ("1", "2"),
    "Source": ("DialVerb", "RecordVerb", "Conference", "OutboundAPI"),
    "Digits": ("1", "#", "123456"),
    "SipResponseCode": ("200", "486", "603"),
    "SequenceNumber": ("0", "1", "7"),
    "ErrorCode": ("13224", "31005", "0"),
    "Hold": ("true", "false"),
    "Direction": ("inbound", "outbound-api", "outbound-dial"),
    "RecordingUrl": ("https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/RE1",),
    "StirVerstat": ("TN-Validation-Passed-A",),
}
# What of an unlike address or of a form is one of the languages, zones and so on is found on its page.
SENSIBLE = ("1", "on", "true", "mine", "company", "de", "Ann", "+442079460958", "2026-11-30", "everyone")
BROWSER = (("hx-request", "true"), ("accept", "application/json"), ("accept-language", "de"))
# Beside addresses of the product: what a server is asked for by whoever looks around, and how it is written.
ELSEWHERE = (
    "/static/",
    "/static/look.css",
    "/static/../manage.py",
    "/favicon.ico",
    "/.env",
    "//",
    "*",
    "/ws/device/",
)
WAYS = (
    *(
        "{}/",
        "{}//",
        "/.{}",
        "/..{}",
        "/%2e%2e{}",
        "{};x",
        "{}%00",
        "{}\0",
        "{}\udcff",
        "{}\ud800",
        "/\udcc0\udcaf{}",
    ),
    *("{}.json", "{}?", "{}#", "{}\r\nX: y", "{}\u202e", "/admin{}", "{}%252e"),
)
SOCKETS = (SOCKET, *[SOCKET] * 15, "/ws/", "/ws/device", "/ws/device//", "/", "/ws/\udcff")


class Maker:
    """Makes inputs up with one `dice`: the same ones again on an equal stage."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.stage, self.dice = stage, dice
        routes = list_routes()
        self.webhooks = [route for route in routes if route.is_webhook]
        self.admin_lists = [
            route for route in routes if route.is_admin and route.name.endswith("_changelist")
        ]
        self.others = [route for route in routes if not route.is_webhook]
        self.pages = [route for route in self.others if not route.is_admin] * 3 + [
            route for route in self.others if route.is_admin
        ]
        self.takers_of_json = [route for route in routes if route.takes_json and not route.is_admin]
        self.kinds: dict[str, tuple[int, Callable[[], Input]]] = {
            "address": (26, self.make_address),
            "page": (18, self.make_page),
            "webhook": (20, self.make_webhook),
            "json": (12, self.make_json_body),
            "list": (10, self.make_list),
            "frames": (2, self.make_frames),
            "elsewhere": (3, self.make_elsewhere),
            "contacts": (5, self.make_contact_file),
            "greeting": (3, self.make_greeting),
        }

    def make(self) -> Input:
        weights = [weight for weight, _ in self.kinds.values()]
        _, make = self.dice.choices(list(self.kinds.values()), weights)[0]
        return self.send_differently(make())

    def send_differently(self, given: Input) -> Input:
        """The same with headers, and a way of sending it, that it need not have; mostly as it was."""
        if self.dice.random() < 0.25:
            told = tuple(make_header(self.dice) for _ in range(self.dice.choice((1, 1, 1, 2, 8))))
            given = replace(given, headers=given.headers + told)
        if isinstance(given, Request) and given.body and self.dice.random() < 0.06:
            ways: tuple[Delivery, ...] = ("chunked", "chunked", "cut")
            given = replace(given, delivery=self.dice.choice(ways))
        return given

    # Addresses, with what their views read

    def make_address(self) -> Request:
        route = self.dice.choice(self.pages)
        method = self.dice.choices(METHODS, (30, 60, *[1] * (len(METHODS) - 2)))[0]
        query, fields = (
            self.make_pairs(route, self.dice.randrange(4)),
            self.make_pairs(route, self.dice.randrange(8)),
        )
        if method == "POST":
            fields = self.spoil_pairs(self.fill_fields(route) + fields[:2])
        request = Request(
            "address", self.choose_actor(route), method, self.fill(route), query, "form", fields
        )
        return self.wrap_up(request)

    def wrap_up(self, request: Request) -> Request:
        """The same with other headers, or with a body of another kind, now and then."""
        roll, change = self.dice.random(), {}
        if roll < 0.1:
            change = {"encoding": "multipart", "files": files.make_files(self.dice)}
        elif roll < 0.15:
            change = {"encoding": files.make_content_type(self.dice), "raw": files.make_body(self.dice)}
        headers = tuple(pair for pair in BROWSER if self.dice.random() < 0.2)
        return request.but(headers=headers, **change)

    def make_elsewhere(self) -> Request:
        """Where nothing is, or where something is that is asked for in an odd way."""
        route = self.dice.choice(self.pages)
        if self.dice.random() < 0.4:
            path = self.dice.choice(ELSEWHERE) + self.dice.choice(("", make_text(self.dice)[:3000]))
        else:
            path = self.dice.choice(WAYS).format(self.fill(route))
        query = self.make_pairs(route, self.dice.choice((0, 0, 2)))
        method = self.dice.choices(METHODS, (80, *[3] * (len(METHODS) - 1)))[0]
        return Request("elsewhere", self.choose_actor(route), method, path, query)

    def choose_actor(self, route: Route) -> str:
        if route.is_admin:
            return self.dice.choices(("admin", "owner", "nobody"), (30, 1, 1))[0]
        if route.name.startswith("account_") and self.dice.random() < 0.5:
            return "nobody"
        return self.dice.choices(ACTORS, (1, 2, 20, 3, 2))[0]

    def fill(self, route: Route) -> str:
        return "".join(part if isinstance(part, str) else self.fill_key(route, part) for part in route.parts)

    def fill_key(self, route: Route, key: Key) -> str:
        known = self.stage.find_keys(route, key)
        if known and self.dice.random() < 0.85:
            return self.dice.choice(known)
        match key.kind:
            case "uuid":
                return str(uuid.UUID(int=self.dice.getrandbits(128)))
            case "int":
                return self.dice.choice(("0", "1", "7", "9" * 19, "9" * 40))
            case "slug":
                return self.dice.choice([*DEEDS, "zzz", "-"])
            case _:
                return make_text(self.dice)[:3000].lstrip("/") or "x"

    def make_pairs(self, route: Route, count: int) -> Pairs:
        """Parameters that the view, or what it calls, reads."""
        names = [*route.names, *(name for name, _ in route.fields), *OF_LISTS]
        chosen = [self.dice.choice(names) for _ in range(count)]
        return tuple((name, self.make_value(name)) for name in chosen)

    def make_value(self, name: str) -> str:
        if self.dice.random() < 0.6:
            return make_text(self.dice)
        return self.make_sensible(name)

    def make_sensible(self, name: str) -> str:
        """What could be the value of a parameter, by its name."""
        words = self.stage.words
        if name == "AccountSid":
            return self.stage.account_sid
        for ending, known in (*words.items(), *SAID.items()):
            if name.endswith(ending) and known:
                return self.dice.choice(known)
        if name.endswith("CallSid") or name == "call":
            return self.dice.choice(words["CallSid"])
        if name in ("From", "To", "Caller", "Called", "to", "number", "typed", "q"):
            return self.dice.choice(words["Address"])
        every = [*words["Label"], *words["Identity"], *words["Email"], *SENSIBLE]
        return self.dice.choice(every)

    def fill_fields(self, route: Route) -> Pairs:
        """All fields of the view's forms, sensibly as far as a field tells what it takes."""
        return tuple((name, self.fill_field(name, field)) for name, field in route.fields)

    def fill_field(self, name: str, field: forms.Field) -> str:
        choices = [str(value) for value, _ in getattr(field, "choices", ())][:300]
        if choices:
            return self.dice.choice(choices)
        match field:
            case forms.EmailField():
                return self.dice.choice(
                    [*self.stage.words["Email"], f"p{self.dice.getrandbits(20)}@example.com"]
                )
            case forms.BooleanField():
                return "on"
            case forms.IntegerField():
                return str(self.dice.randrange(100))
            case forms.TimeField():
                return "09:30"
            case _:
                return self.make_sensible(name)

    def spoil_pairs(self, pairs: Pairs) -> Pairs:
        """With one to three of them made wrong; now and then none, or all of them many times."""
        changed = list(pairs)
        for _ in range(self.dice.choice((0, 1, 1, 1, 2, 3))):
            at = self.dice.randrange(len(changed) + 1)
            match self.dice.randrange(8):
                case _ if at == len(changed):
                    changed.append((make_text(self.dice)[:200], make_text(self.dice)))
                case 0:
                    del changed[at]
                case 1:
                    changed.insert(at, (changed[at][0], make_text(self.dice)))
                case 2:
                    changed[at] = (make_text(self.dice)[:200], changed[at][1])
                case _:
                    changed[at] = (changed[at][0], make_text(self.dice))
        if self.dice.random() < 0.01:
            changed = (changed or [("a", "")]) * 400
        return tuple(changed)

    # Pages, and the forms that are on them

    def make_page(self) -> Request:
        """A page as it should be asked for: its forms are what is then made wrong (`make_from_page`)."""
        route = self.dice.choice(self.pages)
        return Request("page", self.choose_actor(route), "GET", self.fill(route))

    def make_from_page(self, page: Request, text: bytes) -> Iterator[Request]:
        """The page's forms, sent; not all of them where there are very many."""
        found = read_forms(text)
        for form in self.dice.sample(found, min(len(found), 3)):
            yield self.send_form(page, form)

    def send_form(self, page: Request, form: PageForm) -> Request:
        pairs = [
            (
                name,
                self.dice.choice(form.choices[name])
                if name in form.choices and self.dice.random() < 0.3
                else value,
            )
            for name, value in form.fields
            if name != "csrfmiddlewaretoken"
        ]
        for name in form.choices.keys() - {name for name, _ in pairs}:
            pairs.append((name, self.dice.choice(form.choices[name])))
        to = urlsplit(form.action)
        # What a script fills in.
        pairs = [(name, self.make_passkey() if name == "credential" else value) for name, value in pairs]
        sent = self.spoil_pairs(tuple(sorted(pairs)))
        path, query = to.path or page.path, tuple(parse_qsl(to.query)) if form.action else page.query
        if form.method == "GET":
            return Request("page", page.actor, "GET", path, sent)
        uploaded = files.make_files(self.dice, form.files)
        encoding = "multipart" if form.is_multipart else "form"
        return Request("page", page.actor, "POST", path, query, encoding, sent, uploaded)

    def make_passkey(self) -> str:
        """What a browser says of one, with a place in it made wrong: https://www.w3.org/TR/webauthn-3/."""
        told = {"clientDataJSON": "e30", "attestationObject": "o2M", "authenticatorData": "AAAA"}
        told |= {"signature": "AAAA", "userHandle": "MQ"}
        key = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": told}
        key["clientExtensionResults"] = {"credProps": {"rk": True}}
        return str(
            self.dice.choice(BAD_JSON) if self.dice.random() < 0.2 else json.dumps(spoil(self.dice, key))
        )

    # Twilio's webhooks, as they are signed

    def make_webhook(self) -> Request:
        route = self.dice.choice(self.webhooks)
        names = [name for name in route.names if name[:1].isupper()]
        query = [name for name in route.names if not name[:1].isupper()]
        chosen = self.dice.sample(names, self.dice.randrange(len(names) + 1))
        fields = {name: self.make_sensible(name) for name in chosen}
        # Mostly of what goes on: news of a call that is long over is refused before it is looked at.
        going_on, known = self.stage.words["CallSid of now"], self.stage.words["CallSid"]
        made_up = [f"CA{self.dice.getrandbits(128):032x}"]
        call_sid = self.dice.choice(self.dice.choices((going_on, known, made_up), (8, 1, 1))[0])
        whose = (("AccountSid", self.stage.account_sid), ("CallSid", call_sid))
        told = tuple((name, value) for name, value in fields.items() if name not in dict(whose))
        # What leads past the door is seldom made wrong.
        pairs = self.spoil_pairs(whose + told) if self.dice.random() < 0.1 else whose + self.spoil_pairs(told)
        asked = self.dice.sample(query, min(len(query), self.dice.choice((0, 0, 1, 2))))
        encoding = self.dice.choices(("form", "multipart", files.make_content_type(self.dice)), (30, 1, 1))[0]
        return Request(
            "webhook",
            "nobody",
            self.dice.choices(("POST", "GET", "PUT"), (40, 1, 1))[0],
            self.fill(route),
            tuple((name, self.make_value(name)) for name in asked),
            encoding,
            pairs,
            is_signed=self.dice.random() < 0.97,
        )

    # JSON

    def make_json_body(self) -> Request:
        route = self.dice.choice(self.takers_of_json)
        document: Any = {name: self.make_json_value(name) for name in route.names}
        if "connection-test" in route.template:
            document = self.make_test()
        elif "push" in route.template:
            document = self.make_subscription()
        if self.dice.random() < 0.75:
            document = spoil(self.dice, document)
        elif self.dice.random() < 0.5:
            document = self.dice.choice(BAD_JSON)
        return Request(
            "json", self.choose_actor(route), "POST", self.fill(route), (), "json", document=document
        )

    def make_json_value(self, name: str) -> Any:
        return make_json(self.dice) if self.dice.random() < 0.2 else self.make_sensible(name)

    def make_test(self) -> dict[str, Any]:
        chosen = self.dice.sample(list(CHECKS), 3)
        lines = [
            {"check": one, "finding": self.dice.choice(list(CHECKS[one].findings)), "value": 1}
            for one in chosen
        ]
        now = timezone.now().isoformat()
        page = str(uuid.UUID(int=7))
        key = str(uuid.UUID(int=self.dice.getrandbits(128)))
        return {"id": key, "page_session": page, "at": now, "is_in_call": False, "lines": lines}

    def make_subscription(self) -> dict[str, Any]:
        keys = {"p256dh": "B" + "A" * 86, "auth": "A" * 22}
        return {"endpoint": f"https://push.example.com/{self.dice.getrandbits(40)}", "keys": keys}

    # Lists of the admin

    def make_list(self) -> Request:
        route = self.dice.choice(self.admin_lists)
        model_admin = next(one for one in admin.site._registry.values() if names_list(one, route))
        names = [*OF_LISTS, *map(str, range(3))]
        for field in model_admin.model._meta.get_fields():
            names += [f"{field.name}__{lookup}".removesuffix("__") for lookup in self.dice.sample(LOOKUPS, 4)]
        for item in model_admin.list_filter:
            names += [str(getattr(item, "parameter_name", item))] * 4
        pairs = [
            (self.dice.choice(names), self.make_value("q")) for _ in range(self.dice.choice((1, 1, 2, 3)))
        ]
        path, method = self.fill(route), "GET"
        if self.dice.random() < 0.2:
            path, method = path + "export/", "POST"
        return Request("list", "admin", method, path, tuple(pairs * self.dice.choice((1, 1, 1, 1, 2, 300))))

    # The Device's socket

    def make_frames(self) -> Frames:
        query = (("page_session", self.dice.choice((str(uuid.UUID(int=7)), make_text(self.dice)[:4000]))),)
        frames = tuple(self.make_frame() for _ in range(self.dice.choice((1, 10, 25))))
        actor, path = self.dice.choices(ACTORS, (1, 1, 8, 2, 1))[0], self.dice.choice(SOCKETS)
        return Frames(actor, frames, query, path=path)

    def make_frame(self) -> str | bytes:
        frame: Any = {
            "event": {
                "type": "event",
                "id": str(uuid.UUID(int=self.dice.getrandbits(128))),
                "seq": self.dice.randrange(1000),
                "state": self.dice.choice(DeviceEvent.State.values),
                "sdk_event": self.dice.choice(("registered", "error", "unregistered", "incoming")),
                "code": self.dice.choice((None, 31005, 20101, 53000)),
                "original_code": None,
                "message": "Something",
                "at": timezone.now().isoformat(),
            },
            "alive": {"type": "alive", "state": "ready"},
            "renew": {"type": "renew"},
            "echo": {"type": "echo", "id": str(uuid.UUID(int=2))},
        }[self.dice.choices(("event", "alive", "renew", "echo"), (12, 3, 1, 2))[0]]
        roll = self.dice.random()
        if roll < 0.1:
            frame = self.dice.choice(BAD_JSON)
        elif roll < 0.13:
            return self.dice.randbytes(40)
        elif roll < 0.8:
            frame = spoil(self.dice, frame)
        return frame if isinstance(frame, str) else json.dumps(frame)

    # Files

    def make_contact_file(self) -> Request:
        sent = (files.make_contacts(self.dice),)
        fields = self.spoil_pairs((("whose", self.dice.choice(("mine", "company"))),))
        actor = self.dice.choices(ACTORS, (0, 1, 10, 3, 0))[0]
        return Request("contacts", actor, "POST", "/phone/contacts/import/", (), "multipart", fields, sent)

    def make_greeting(self) -> Request:
        sound = files.make_sound(self.dice)
        path = "/phone/settings/greeting/sound/"
        return Request(
            "greeting", "owner", self.dice.choice(("POST", "POST", "PUT")), path, (), "audio/wav", raw=sound
        )


def names_list(model_admin: ModelAdmin[Any], route: Route) -> bool:
    opts = model_admin.model._meta
    return route.name == f"{opts.app_label}_{opts.model_name}_changelist"
