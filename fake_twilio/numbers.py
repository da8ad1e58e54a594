"""The telephone network around the fake: who has which number, and what happens when it is dialled."""

from fake_twilio import catalogue
from fake_twilio.calls import CallSwitchboard, LivingCall, Script
from fake_twilio.ends import Behaviour, PhoneEnd, TrunkEnd
from fake_twilio.parts import End
from fake_twilio.status_callbacks import StatusCallbacks
from fake_twilio.store import Account, IncomingPhoneNumber, Store
from fake_twilio.webhooks import Hook

PEOPLE: dict[str, Behaviour] = {
    catalogue.ECHO_NUMBER: "echo",
    catalogue.BUSY_NUMBER: "busy",
    catalogue.UNANSWERED_NUMBER: "unanswered",
    catalogue.STRANGER_NUMBER: "tone",
}


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


def find_behaviour(store: Store, number: str) -> Behaviour | None:
    """How the person who has `number` takes a call; None for a number that nobody has."""
    if number in PEOPLE:
        return PEOPLE[number]
    if any(number in get_verified_numbers(account) for account in store.accounts.values()):
        return "tone"
    return None


def build_number_end(switchboard: CallSwitchboard, account: Account, from_: str, number: str) -> End:
    """Who answers a number; raises `CannotDial`."""
    if account.type == "Trial" and number not in get_verified_numbers(account):
        raise CannotDial(21219, f"'To' phone number not verified: {number}")
    owned = switchboard.store.find_number(number)
    if owned is not None:

        def begin(end: TrunkEnd) -> None:
            start_incoming_call(switchboard, *owned, from_, end)

        return TrunkEnd(begin)
    behaviour = find_behaviour(switchboard.store, number)
    if behaviour is None:
        raise CannotDial(13224, f"Dial: Twilio does not support calling this number: {number}")
    return PhoneEnd(behaviour)


def start_incoming_call(
    switchboard: CallSwitchboard,
    account: Account,
    number: IncomingPhoneNumber,
    from_: str,
    end: End,
    *,
    stir_verstat: str = "",
) -> LivingCall:
    """Somebody calls an account's number: its TwiML App decides, or else its own Voice URL."""
    fields, extra = number.fields, {}
    app = account.applications.get(str(fields.get("voice_application_sid") or ""))
    if app is not None:
        fields, extra = app.fields, {"ApplicationSid": app.sid}
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
    if stir_verstat:
        call.record.stir_verstat = call.extra_params["StirVerstat"] = stir_verstat
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
