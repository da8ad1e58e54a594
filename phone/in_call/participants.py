"""What Twilio is asked about rooms, the people in them and their legs: one function a request.

https://www.twilio.com/docs/voice/api/conference-resource, …/conference-participant-resource and
…/call-resource. All raise TwilioAway and TwilioRefused; none touches the database.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.twilio.rest import TwilioLogin
from phone.calls.records import parse_timestamp, read_number
from phone.in_call.asking import ask
from phone.in_call.refusals import TwilioRefused

MOST_LISTED = 100


def redirect_leg(login: TwilioLogin, call_sid: str, url: str, time_limit: int | None) -> None:
    """Has a leg leave what it is in for the TwiML at `url`, and end after `time_limit` seconds.

    The limit of the Dial that it leaves ends nothing any more. Asked once more where the TwiML is not to be
    had: a connection that breaks must not end somebody's call.
    """
    data: dict[str, Any] = {"Url": url, "Method": "POST", "FallbackUrl": url, "FallbackMethod": "POST"}
    if time_limit is not None:
        data["TimeLimit"] = time_limit
    ask(login, f"/Calls/{call_sid}.json", data=data)


def end_leg(login: TwilioLogin, call_sid: str) -> None:
    """Hangs a leg up, answered or ringing; one that is over already is none the worse."""
    try:
        ask(login, f"/Calls/{call_sid}.json", data={"Status": "completed"})
    except TwilioRefused as refused:
        if not refused.is_gone:
            raise


def fetch_call(login: TwilioLogin, call_sid: str) -> dict[str, Any] | None:
    """The Call resource; None for a call that Twilio does not know."""
    try:
        return ask(login, f"/Calls/{call_sid}.json", method="GET")
    except TwilioRefused as refused:
        if refused.is_gone:
            return None
        raise


def list_children(login: TwilioLogin, call_sid: str) -> list[dict[str, Any]]:
    """The legs that a leg has dialled."""
    params = {"ParentCallSid": call_sid, "PageSize": MOST_LISTED}
    return read_list(ask(login, "/Calls.json", method="GET", params=params), "calls")


def list_codes(login: TwilioLogin, call_sid: str, since: datetime) -> list[int]:
    """The codes in Twilio's log of a leg from `since` on, the newest first.

    https://www.twilio.com/docs/voice/api/call-notification-resource
    """
    path = f"/Calls/{call_sid}/Notifications.json"
    rows = read_list(ask(login, path, method="GET", params={"PageSize": MOST_LISTED}), "notifications")
    codes = []
    for row in rows:
        code, at = read_number(str(row.get("error_code"))), parse_timestamp(str(row.get("message_date")))
        # Twilio's times are whole seconds.
        if code is not None and at is not None and at >= since - timedelta(seconds=2):
            codes.append(code)
    return codes


def find_conference(login: TwilioLogin, name: str) -> dict[str, Any] | None:
    """The newest room of that name, under way or over."""
    params = {"FriendlyName": name, "PageSize": 1}
    listed = read_list(ask(login, "/Conferences.json", method="GET", params=params), "conferences")
    return listed[0] if listed else None


def list_participants(login: TwilioLogin, conference_sid: str) -> list[dict[str, Any]]:
    """Who is in a room now; nobody is in one that is over."""
    path = f"/Conferences/{conference_sid}/Participants.json"
    try:
        body = ask(login, path, method="GET", params={"PageSize": MOST_LISTED})
    except TwilioRefused as refused:
        if refused.is_gone:
            return []
        raise
    return read_list(body, "participants")


def hold_participant(
    login: TwilioLogin, conference_sid: str, call_sid: str, *, is_held: bool, music: str
) -> None:
    """Music from the address `music` for one alone, who is heard by nobody; or the room again."""
    data = {"Hold": "true" if is_held else "false"}
    if is_held:
        data |= {"HoldUrl": music, "HoldMethod": "GET"}
    ask(login, f"/Conferences/{conference_sid}/Participants/{call_sid}.json", data=data)


def announce_to(login: TwilioLogin, conference_sid: str, call_sid: str, url: str) -> None:
    """Says to one alone what the TwiML at `url` says."""
    data = {"AnnounceUrl": url, "AnnounceMethod": "POST"}
    ask(login, f"/Conferences/{conference_sid}/Participants/{call_sid}.json", data=data)


def add_participant(login: TwilioLogin, room: str, wanted: Mapping[str, Any]) -> str:
    """Calls somebody for a room, by its SID or name; the Call SID of their leg, which is queued."""
    return str(ask(login, f"/Conferences/{room}/Participants.json", data=wanted).get("call_sid", ""))


def place_call(login: TwilioLogin, wanted: Mapping[str, Any]) -> str:
    """Calls somebody who follows the TwiML at the `Url` that is wanted; the Call SID of their leg.

    https://www.twilio.com/docs/voice/api/call-resource#create-a-call
    """
    return str(ask(login, "/Calls.json", data=wanted).get("sid", ""))


def end_conference(login: TwilioLogin, conference_sid: str) -> None:
    """Sends everybody out. One that is over already is none the worse."""
    try:
        ask(login, f"/Conferences/{conference_sid}.json", data={"Status": "completed"})
    except TwilioRefused as refused:
        if not refused.is_gone:
            raise


def read_list(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    listed = body.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
