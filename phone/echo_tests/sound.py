"""The sound of an echo test on its way back to whoever said it, for Twilio's `<Play>`.

Twilio wants the account's credentials for the sound of a recording
(https://www.twilio.com/docs/voice/api/recording#fetch-a-recordings-media-file), and who fetches for `<Play>`
has none. So it comes by way of our server, from an address that is signed, and good while the call lasts.
"""

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.sealing.encryption import UnsealError
from accounts.twilio.rest import TwilioUnreachable, open_sound
from accounts.twilio.shares import SOUND_SHARES, ShareTaken
from phone.calls.confirmation import get_login
from phone.echo_tests.echo_test import EchoTest

logger = logging.getLogger(__name__)

SALT = "echo test"
# Six seconds are a tenth of it.
MOST_BYTES = 1_000_000
GOOD_FOR = timedelta(minutes=2)


class NoSound(Exception):
    """Twilio does not give it."""


def build_sound_address(test: EchoTest) -> str:
    args = [test.account.webhook_key, test.pk, sign(test.account.webhook_key, test.pk)]
    return settings.PUBLIC_URL + reverse("echo_test_sound", args=args)


def sign(webhook_key: str, key: uuid.UUID) -> str:
    return signing.Signer(salt=SALT).signature(f"{webhook_key}/{key}")


def find_playable(webhook_key: str, key: uuid.UUID, signature: str) -> EchoTest | None:
    """The test that the address is of, while it goes on and Twilio has its sound."""
    if not constant_time_compare(signature, sign(webhook_key, key)):
        return None
    going = EchoTest.objects.filter(ended_at=None, is_recorded=True, begun_at__gt=timezone.now() - GOOD_FOR)
    return going.select_related("account", "user").filter(pk=key, account__webhook_key=webhook_key).first()


def fetch_sound(test: EchoTest) -> bytes:
    """The WAV file. Raises NoSound. Asks Twilio, so with no transaction around it."""
    try:
        login = get_login(test.account, test.user)
    except UnsealError:
        login = None
    if login is None:
        raise NoSound("no credentials")
    try:
        with SOUND_SHARES.hold(login.account_sid):
            stream = open_sound(login, f"/Recordings/{test.recording_sid}.wav")
            try:
                if stream.status != 200:
                    raise NoSound(f"HTTP {stream.status}")
                sound = b""
                while len(sound) < MOST_BYTES and (piece := stream.read()):
                    sound += piece
            finally:
                stream.close()
    except (TwilioUnreachable, ShareTaken) as error:
        raise NoSound(error.which) from error
    return sound
