"""The telephone network around the fake: who has which number, and what happens when it is dialled."""

from dataclasses import dataclass, replace

from fake_twilio import catalogue
from fake_twilio.calls import CallSwitchboard, LivingCall, Script
from fake_twilio.ends import TrunkEnd
from fake_twilio.parts import End, Outcome
from fake_twilio.people import Person, PhoneEnd
from fake_twilio.status_callbacks import StatusCallbacks
from fake_twilio.store import Account, IncomingPhoneNumber
from fake_twilio.variation import VARIATION, Variation
from fake_twilio.webhooks import Hook

PEOPLE: dict[str, Person] = {
    catalogue.ECHO_NUMBER: Person("echo"),
    catalogue.STRANGER_NUMBER: Person("tone"),
    catalogue.BUSY_NUMBER: Person(outcome="busy", ring_seconds=0),
    catalogue.UNANSWERED_NUMBER: Person(outcome="no-answer"),
    catalogue.DECLINING_NUMBER: Person(outcome="busy", sip_code=603),
    catalogue.UNREACHABLE_NUMBER: Person(outcome="no-answer", sip_code=480, ring_seconds=0),
    catalogue.UNALLOCATED_NUMBER: Person(outcome="failed", sip_code=404, ring_seconds=0),
    catalogue.WARY_NUMBER: Person(outcome="failed", sip_code=608, ring_seconds=0),
    catalogue.SLOW_NUMBER: Person("tone", ring_seconds=4),
    catalogue.HASTY_NUMBER: Person("tone", hang_up_after=1),
    catalogue.KEYPAD_NUMBER: Person("silence", presses="w123#"),
    catalogue.MACHINE_NUMBER: Person("machine"),
    catalogue.FORBIDDEN_NUMBER: Person(outcome="failed", sip_code=403, ring_seconds=0),
    catalogue.CUT_OFF_NUMBER: Person(outcome="failed", sip_code=503, ring_seconds=0),
    catalogue.CROWDED_NUMBER: Person(outcome="busy", sip_code=600, ring_seconds=0),
    catalogue.UNWILLING_NUMBER: Person(outcome="busy", sip_code=607),
    catalogue.RETIRED_NUMBER: Person(outcome="failed", sip_code=410, ring_seconds=0),
}
# The statuses that a SIP response may become; Twilio's pages say of 486 alone that it is busy, so
# that a seed (`variation.py`) chooses. Without one it is what `PEOPLE` says.
STATUSES: dict[int, tuple[Outcome, ...]] = {
    600: ("busy", "failed"),
    603: ("busy", "no-answer", "failed"),
    607: ("busy", "failed"),
    480: ("no-answer", "failed"),
    608: ("failed", "busy"),
}
# Countries and networks that no account here may call: Cuba, satellites, international networks.
GEO_BLOCKED = ("+53", "+881", "+882", "+883")
PREMIUM = "+1900"
NORTH_AMERICAN_LENGTH = len("+12025550123")


@dataclass(frozen=True)
class NumberRefusal:
    """Why Twilio calls a number in no case: in the words of REST, and in those of <Dial>."""

    rest_code: int
    rest_message: str
    dial_code: int
    dial_message: str


# An account that may not call at all, by what ails it: https://www.twilio.com/docs/api/errors/10004, …/10005.
CALL_REFUSALS = {
    "too many calls": (10004, "Call concurrency limit exceeded"),
    "voice disabled": (10005, "Voice calling has been disabled for this account"),
}


def find_account_refusal(account: Account) -> tuple[int, str] | None:
    """Why no new leg is made for `account`; None where one is."""
    return CALL_REFUSALS.get(account.call_fault)


def find_refusal(number: str) -> NumberRefusal | None:
    """None for a number that can be tried."""
    if number.startswith("+1") and len(number) != NORTH_AMERICAN_LENGTH:
        text = "Dial: Invalid phone number format"
        return NumberRefusal(21217, f"Phone number {number} does not appear to be valid", 13223, text)
    if number.startswith(GEO_BLOCKED):
        return NumberRefusal(
            21215,
            f"Account not authorized to call {number}. Perhaps you need to enable some international "
            "permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk",
            13227,
            "Dial: Geo Permission configuration is not permitting call",
        )
    if number.startswith(PREMIUM):
        text = "Dial: Call blocked by Twilio"
        return NumberRefusal(21216, f"Account not allowed to call {number}", 13225, text)
    return None


class CannotDial(Exception):
    """`code` is Twilio's: https://www.twilio.com/docs/api/errors."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def get_verified_numbers(account: Account) -> set[str]:
    return {caller_id.phone_number for caller_id in account.outgoing_caller_ids.values()}


def get_own_numbers(account: Account) -> set[str]:
    return {number.phone_number for number in account.incoming_phone_numbers.values()}


def verify_caller_id(call: LivingCall, caller_id: str) -> None:
    """Raises `CannotDial` unless `call` may show `caller_id` to the telephone network.

    A call that came from the network may also pass on its own From and To.
    """
    allowed = get_own_numbers(call.account) | get_verified_numbers(call.account)
    if not call.record.from_.startswith("client:"):
        allowed |= {call.record.from_, call.record.to}
    if caller_id not in allowed:
        raise CannotDial(13214, f"Dial: Invalid callerId value: {caller_id}")


def find_person(switchboard: CallSwitchboard, number: str) -> Person | None:
    """Who has `number`; None for a number that nobody has."""
    if number in PEOPLE:
        return vary(switchboard.app[VARIATION], PEOPLE[number])
    accounts = switchboard.store.accounts.values()
    return Person("tone") if any(number in get_verified_numbers(account) for account in accounts) else None


def vary(variation: Variation, person: Person) -> Person:
    if variation.seed is None or person.sip_code not in STATUSES:
        return person
    outcome = variation.choose("sip", str(person.sip_code), STATUSES[person.sip_code])
    return replace(person, outcome=outcome)


def build_number_end(switchboard: CallSwitchboard, account: Account, from_: str, number: str) -> End:
    """Who answers a number; raises `CannotDial`."""
    refusal = find_refusal(number)
    if refusal is not None:
        raise CannotDial(refusal.dial_code, f"{refusal.dial_message}: {number}")
    if account.type == "Trial" and number not in get_verified_numbers(account):
        raise CannotDial(21219, f"'To' phone number not verified: {number}")
    owned = switchboard.store.find_number(number)
    if owned is not None:

        def begin(end: TrunkEnd) -> None:
            start_incoming_call(switchboard, *owned, from_, end)

        return TrunkEnd(begin)
    person = find_person(switchboard, number)
    if person is None:
        raise CannotDial(13224, f"Dial: Twilio does not support calling this number: {number}")
    return PhoneEnd(person)


def start_incoming_call(
    switchboard: CallSwitchboard,
    account: Account,
    number: IncomingPhoneNumber,
    from_: str,
    end: End,
    *,
    stir_verstat: str = "",
) -> LivingCall:
    """Somebody calls an account's number: its TwiML App decides, or else its own Voice URL.

    `stir_verstat` is what SHAKEN/STIR says of the caller's number; many calls come without.
    """
    fields, extra = number.fields, dict[str, str]()
    app = account.applications.get(str(fields.get("voice_application_sid") or ""))
    if app is not None:
        fields, extra = app.fields, {"ApplicationSid": app.sid}
    if stir_verstat:
        extra["StirVerstat"] = stir_verstat
    call = LivingCall(
        switchboard,
        account,
        end,
        from_=from_,
        to=number.phone_number,
        direction="inbound",
        extra_params={**extra, **build_places(from_, number.phone_number)},
        callbacks=build_callbacks(fields),
    )
    call.record.stir_verstat = stir_verstat or None
    call.start("ringing")
    switchboard.follow(call, build_script(fields))
    return call


def build_places(from_: str, to: str) -> dict[str, str]:
    """What Twilio tells about where numbers are from; the made-up ones are all in Washington."""
    places = {}
    for names, number in ((("From", "Caller"), from_), (("To", "Called"), to)):
        is_american = number.startswith("+1")
        for name in names:
            places[f"{name}City"] = "WASHINGTON" if is_american else ""
            places[f"{name}State"] = "DC" if is_american else ""
            places[f"{name}Zip"] = ""
            places[f"{name}Country"] = "US" if is_american else ""
    return places


def build_script(fields: dict[str, object], params: dict[str, str] | None = None) -> Script | None:
    """The Voice URL of an application or a number; None where there is none."""
    voice = build_hook(fields, "voice_url", "voice_method")
    fallback = build_hook(fields, "voice_fallback_url", "voice_fallback_method")
    return Script(voice, fallback=fallback, params=params or {}) if voice else None


def build_callbacks(fields: dict[str, object]) -> StatusCallbacks | None:
    hook = build_hook(fields, "status_callback", "status_callback_method")
    return StatusCallbacks(hook) if hook else None


def build_hook(fields: dict[str, object], url: str, method: str) -> Hook | None:
    return Hook(str(fields[url]), str(fields.get(method) or "POST")) if fields.get(url) else None
