"""What an echo test came to, as its page is told once the call is over."""

from typing import Any

from accounts.people import User
from phone.echo_tests.echo_test import EchoTest
from phone.echo_tests.texts import ENDS, describe_heard


def describe_echo_test(person: User, call_sid: str) -> dict[str, Any] | None:
    """As `phone.causes.endings.Ending.as_json`; None where that call was no echo test of `person`."""
    test = EchoTest.objects.filter(user=person, call_sid=call_sid).first()
    if test is None:
        return None
    cause, words, remedy = ENDS.get(test.result, ("", "", ""))
    if test.result == EchoTest.Result.HEARD and test.seconds:
        words = describe_heard(test.seconds)
    told = {"cause": cause, "words": str(words), "remedy": str(remedy), "link": "", "link_name": ""}
    return {**told, "is_settled": test.ended_at is not None}
