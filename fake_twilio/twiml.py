"""Reads TwiML: what a customer's server answers, checked against what this fake can carry out.

https://www.twilio.com/docs/voice/twiml. Nothing is silently ignored: an element, an attribute or a
value that is not known here becomes a warning, which Twilio's debugger shows as 12200.
"""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

CONTENT_TYPES = ("text/xml", "application/xml")

# What an attribute may hold: free text, a whole number, true or false, one of the words named, or
# (a frozenset) any of them with spaces between.
Kind = str | tuple[str, ...] | frozenset[str]
TEXT, INTEGER, BOOLEAN = "text", "integer", "boolean"
METHOD = ("GET", "POST")
EVENTS: dict[str, Kind] = {
    "statusCallback": TEXT,
    "statusCallbackMethod": METHOD,
    "statusCallbackEvent": TEXT,
}
# What is carried out on the end of whoever is called, before they are connected.
WHISPER: dict[str, Kind] = {"url": TEXT, "method": METHOD}
BEEPS = ("true", "false", "onEnter", "onExit")
TRIM = ("trim-silence", "do-not-trim")
ROOM_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
RECORDING_EVENTS = ("in-progress", "completed", "absent")
RECORDED: dict[str, Kind] = {
    "recordingStatusCallback": TEXT,
    "recordingStatusCallbackMethod": METHOD,
    "recordingStatusCallbackEvent": frozenset(RECORDING_EVENTS),
}
DIAL_RECORD = (
    *("do-not-record", "true", "false"),
    *("record-from-answer", "record-from-ringing", "record-from-answer-dual", "record-from-ringing-dual"),
)


@dataclass(frozen=True)
class Rule:
    attributes: dict[str, Kind] = field(default_factory=dict)
    children: tuple[str, ...] = ()


RULES = {
    "Response": Rule(
        children=(
            *("Dial", "Say", "Play", "Pause", "Record", "Gather", "Redirect", "Reject", "Hangup"),
            *("Enqueue", "Leave"),
        )
    ),
    "Dial": Rule(
        {
            "action": TEXT,
            "method": METHOD,
            "timeout": INTEGER,
            "timeLimit": INTEGER,
            "callerId": TEXT,
            "answerOnBridge": BOOLEAN,
            "ringTone": TEXT,
            "record": DIAL_RECORD,
            "trim": TRIM,
            **RECORDED,
        },
        ("Number", "Client", "Conference", "Queue"),
    ),
    "Number": Rule({"sendDigits": TEXT, **WHISPER, **EVENTS}),
    "Client": Rule({**WHISPER, **EVENTS}, ("Identity", "Parameter")),
    "Identity": Rule(),
    "Parameter": Rule({"name": TEXT, "value": TEXT}),
    "Conference": Rule(
        {
            "muted": BOOLEAN,
            "beep": BEEPS,
            "startConferenceOnEnter": BOOLEAN,
            "endConferenceOnExit": BOOLEAN,
            "participantLabel": TEXT,
            "jitterBufferSize": ("small", "medium", "large", "off"),
            "waitUrl": TEXT,
            "waitMethod": METHOD,
            "maxParticipants": INTEGER,
            "record": ("do-not-record", "record-from-start"),
            "region": ("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"),
            "trim": TRIM,
            "coach": TEXT,
            "statusCallback": TEXT,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": frozenset(ROOM_EVENTS),
            **RECORDED,
            "eventCallbackUrl": TEXT,
        }
    ),
    "Queue": Rule(),
    "Say": Rule({"voice": TEXT, "language": TEXT, "loop": INTEGER}),
    "Play": Rule({"loop": INTEGER, "digits": TEXT}),
    "Pause": Rule({"length": INTEGER}),
    "Record": Rule(
        {
            "action": TEXT,
            "method": METHOD,
            "timeout": INTEGER,
            "maxLength": INTEGER,
            "finishOnKey": TEXT,
            "playBeep": BOOLEAN,
            "trim": TRIM,
            **RECORDED,
            "transcribe": BOOLEAN,
            "transcribeCallback": TEXT,
        }
    ),
    "Gather": Rule(
        {
            "input": TEXT,
            "action": TEXT,
            "method": METHOD,
            "timeout": INTEGER,
            "numDigits": INTEGER,
            "finishOnKey": TEXT,
            "actionOnEmptyResult": BOOLEAN,
        },
        ("Say", "Play", "Pause"),
    ),
    "Redirect": Rule({"method": METHOD}),
    "Reject": Rule({"reason": ("rejected", "busy")}),
    "Hangup": Rule(),
    "Enqueue": Rule({"action": TEXT, "method": METHOD, "waitUrl": TEXT, "waitUrlMethod": METHOD}),
    "Leave": Rule(),
}
# Twilio's own codes for what cannot be a value; any other is 12200, a schema warning.
UNKNOWN_VALUE = 12200
CODES = {
    ("Conference", "muted"): 13230,
    ("Conference", "endConferenceOnExit"): 13231,
    ("Conference", "startConferenceOnEnter"): 13232,
    ("Conference", "waitMethod"): 13234,
    ("Conference", "beep"): 13235,
}


class TwimlError(Exception):
    """A document that cannot be carried out at all."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Verb:
    """One element. Its attributes have passed their rule, so that the readers below cannot fail."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple["Verb", ...] = ()

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def number(self, name: str, default: int) -> int:
        return int(self.attributes.get(name, default))

    def flag(self, name: str, default: bool = False) -> bool:
        return self.attributes[name].lower() == "true" if name in self.attributes else default

    def all(self, *names: str) -> list["Verb"]:
        return [child for child in self.children if child.name in names]


@dataclass(frozen=True)
class Document:
    verbs: tuple[Verb, ...]
    # Each with Twilio's code.
    warnings: tuple[tuple[int, str], ...] = ()


def parse_twiml(text: bytes | str) -> Document:
    """The verbs of a document in order; raises `TwimlError` where there is no TwiML to find."""
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise TwimlError(12100, "Document parse failure") from error
    if root.tag != "Response":
        raise TwimlError(12102, "Schema validation failure: the root is not <Response>")
    warnings: list[tuple[int, str]] = []
    response = read_element(root, warnings)
    return Document(response.children, tuple(warnings))


def read_element(element: ElementTree.Element, warnings: list[tuple[int, str]]) -> Verb:
    rule = RULES[element.tag]
    children = []
    for child in element:
        if child.tag in rule.children:
            children.append(read_element(child, warnings))
        else:
            warnings.append((UNKNOWN_VALUE, f"<{child.tag}> inside <{element.tag}> is not supported"))
    attributes = {}
    for name, value in element.attrib.items():
        if name not in rule.attributes:
            warnings.append((UNKNOWN_VALUE, f"attribute {name} of <{element.tag}> is not supported"))
        elif not is_of_kind(value, rule.attributes[name]):
            code = CODES.get((element.tag, name), UNKNOWN_VALUE)
            warnings.append((code, f"attribute {name} of <{element.tag}> cannot be {value!r}"))
        else:
            attributes[name] = value
    return Verb(element.tag, attributes, (element.text or "").strip(), tuple(children))


def is_of_kind(value: str, kind: Kind) -> bool:
    if kind == TEXT:
        return True
    if kind == INTEGER:
        return re.fullmatch(r"[0-9]{1,6}", value) is not None
    if kind == BOOLEAN:
        return value.lower() in ("true", "false")
    return set(value.split()) <= kind if isinstance(kind, frozenset) else value in kind
