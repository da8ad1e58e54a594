"""What must be right before the product starts: `manage.py check`, and every start of the server.

The checks that open the database run with `manage.py migrate`, with `check --database default`,
and when the server starts.
"""

import ipaddress
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, connections, router

from accounts.sealing.encryption import CredentialKey, UnsealError, get_key_id
from accounts.sealing.fields import SealedField
from accounts.second_factor.requirement import CHOICES
from dognbone.shared_counts import VARIABLE as SHARED_COUNTS
from phone.waking.vapid import BadVapidKey, get_public_key

TAG = "dognbone"
SDK = "twilio-voice-sdk/twilio.min.js"
NUMBERS = "libphonenumber-js/libphonenumber-max.js"
HTMX = "htmx/htmx.min.js"
SECRET_KEY_CHARACTERS = 32
ROWS_AT_A_TIME = 2000


def register_checks() -> None:
    for check in (
        check_secret_key,
        check_credential_keys,
        check_public_url,
        check_twilio_base_url,
        check_twilio_signalling,
        check_channel_layer,
        check_transactions,
        check_voice_sdk,
        check_vapid_key,
        check_second_factor,
    ):
        register(check, TAG)
    register(check_sealed_rows, TAG, Tags.database)
    register(check_static_files, TAG, deploy=True)


def stop_on_errors(*, databases: Sequence[str] | None = None) -> None:
    """Raises ImproperlyConfigured, naming each fault, when the server must not start like this."""
    messages = run_checks(tags=[TAG], include_deployment_checks=True, databases=databases)
    # Of servers alone: a command counts nothing that anybody reads.
    messages += check_metrics()
    faults = [f"{fault.msg} {fault.hint or ''}".strip() for fault in messages if fault.is_serious()]
    if faults:
        raise ImproperlyConfigured("Dog n Bone does not start: " + " ".join(faults))


def error(number: int, message: str, hint: str) -> list[CheckMessage]:
    return [Error(message, hint=hint, id=f"dognbone.E{number:03}")]


def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    """A short SECRET_KEY can be guessed, and with it every session; on this machine alone it may be."""
    key = settings.SECRET_KEY
    if is_for_this_machine_only() or (
        len(key) >= SECRET_KEY_CHARACTERS and not key.startswith("django-insecure")
    ):
        return []
    return error(
        1,
        f"SECRET_KEY is shorter than {SECRET_KEY_CHARACTERS} characters or a placeholder.",
        'Set it to a random one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
    )


def check_credential_keys(**kwargs: Any) -> list[CheckMessage]:
    encoded = [key for key in settings.CREDENTIAL_KEYS if key.strip()]
    if not encoded:
        return error(
            2,
            "CREDENTIAL_KEYS is not set; it seals the Twilio secrets of everybody.",
            "`manage.py make_credential_key` prints a key for it.",
        )
    try:
        key_ids = [CredentialKey(key).key_id for key in encoded]
    except (ImproperlyConfigured, ValueError) as fault:
        return error(
            3, f"CREDENTIAL_KEYS is malformed: {fault}", "`manage.py make_credential_key` prints a key."
        )
    if len(set(key_ids)) < len(key_ids):
        return error(4, "CREDENTIAL_KEYS has the same key twice.", "List each key once, newest first.")
    return []


def check_public_url(**kwargs: Any) -> list[CheckMessage]:
    parts = split_address(settings.PUBLIC_URL)
    if parts is None or parts.scheme not in ("http", "https") or parts.path or parts.query:
        return error(
            5,
            "PUBLIC_URL is malformed: scheme and host are expected, and no path.",
            "For example https://phone.example.com",
        )
    if parts.scheme == "http" and not is_for_this_machine_only():
        return error(
            6,
            f"PUBLIC_URL is http://{parts.netloc}: browsers give no microphone to a page without https, "
            "and Twilio's requests could be read on the way.",
            "Set it to the https address.",
        )
    return []


def check_twilio_base_url(**kwargs: Any) -> list[CheckMessage]:
    """Anything but this machine would be handed everybody's secrets."""
    address = settings.TWILIO_BASE_URL
    if not address:
        return []
    parts = split_address(address)
    if parts and parts.scheme in ("http", "https") and is_loopback(parts.hostname) and not parts.username:
        return []
    return error(
        7,
        "TWILIO_BASE_URL is not an http address of this machine.",
        "It names a stand-in for Twilio on a loopback address; leave it unset to use Twilio itself.",
    )


def check_twilio_signalling(**kwargs: Any) -> list[CheckMessage]:
    """The browser's SDK would register, with its token, wherever this points."""
    address = settings.TWILIO_SIGNALLING
    if not address:
        return []
    parts = split_address(f"//{address}")
    if parts and is_loopback(parts.hostname) and parts.port and parts.netloc == address:
        return []
    return error(
        8,
        "TWILIO_SIGNALLING is not host:port of this machine.",
        "It names a stand-in for Twilio on a loopback address; leave it unset to use Twilio itself.",
    )


def check_channel_layer(**kwargs: Any) -> list[CheckMessage]:
    workers = count_workers(sys.argv, os.environ)
    if settings.REDIS_URL or workers < 2:
        return []
    return error(
        9,
        f"{workers} processes were asked for, and without REDIS_URL they cannot push to each other's pages.",
        "Set REDIS_URL, or run one process.",
    )


def count_workers(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """How many processes uvicorn runs: what it was told, else WEB_CONCURRENCY, else one.

    A worker has the arguments of the process that started it.
    """
    named = environment.get("WEB_CONCURRENCY") or "1"
    if "uvicorn" in (Path(arguments[0]).name, Path(arguments[0]).parent.name):
        for argument, value in zip(arguments, [*arguments[1:], ""], strict=True):
            if argument == "--workers":
                named = value
            elif argument.startswith("--workers="):
                named = argument.partition("=")[2]
    return int(named) if named.isdecimal() else 1


def check_transactions(**kwargs: Any) -> list[CheckMessage]:
    """`?ATOMIC_REQUESTS=true` in DATABASE_URL: nobody outside is asked inside a transaction."""
    if not any(one["ATOMIC_REQUESTS"] for one in connections.settings.values()):
        return []
    return error(
        13,
        "ATOMIC_REQUESTS is set: every page that asks Twilio would fail, because it would keep a "
        "transaction open meanwhile.",
        "Take it out of DATABASE_URL.",
    )


def check_voice_sdk(**kwargs: Any) -> list[CheckMessage]:
    """It and the libraries beside it come from npm; a server with collected files needs no node_modules."""
    for name, files in (("Twilio's Voice SDK", SDK), ("libphonenumber-js", NUMBERS), ("htmx", HTMX)):
        if not find(files) and not is_collected(files):
            return error(10, f"{name} is not installed.", "Run `make assets`, or `npm ci`.")
    return []


def check_vapid_key(**kwargs: Any) -> list[CheckMessage]:
    """With a key that is none every page of the phone would fail."""
    try:
        get_public_key()
    except BadVapidKey as fault:
        return error(
            14,
            f"VAPID_PRIVATE_KEY is malformed: {fault}.",
            "`manage.py make_vapid_keys` prints one; leave it unset to wake no browsers.",
        )
    return []


def check_metrics() -> list[CheckMessage]:
    """Processes that count each for itself would tell another story at each scrape."""
    if not settings.METRICS_TOKEN or os.environ.get(SHARED_COUNTS) or count_workers(sys.argv, os.environ) < 2:
        return []
    return error(
        15,
        f"METRICS_TOKEN is set, and several processes cannot add up what they count without {SHARED_COUNTS}.",
        f"Start them by `python -m dognbone`, or have {SHARED_COUNTS} name a folder that is empty.",
    )


def check_second_factor(**kwargs: Any) -> list[CheckMessage]:
    """A word that is mistyped would require nothing of anybody."""
    if settings.REQUIRE_SECOND_FACTOR in CHOICES:
        return []
    return error(
        17, "REQUIRE_SECOND_FACTOR is none of its words.", f"Set it to one of these: {', '.join(CHOICES)}."
    )


def check_static_files(**kwargs: Any) -> list[CheckMessage]:
    """Under hashed names, a page whose files were not collected cannot be drawn at all."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin) or is_collected(SDK):
        return []
    return error(11, "The static files are not collected.", "Run `make assets`.")


def check_sealed_rows(*, databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every stored secret must have been sealed with a key that CREDENTIAL_KEYS still has."""
    if check_credential_keys():
        return []
    configured = {CredentialKey(key).key_id for key in settings.CREDENTIAL_KEYS if key.strip()}
    faults: list[CheckMessage] = []
    for alias in databases or ():
        unknown = get_sealing_keys(alias) - configured
        if unknown:
            names = ", ".join(sorted(key_id.hex() or "unreadable" for key_id in unknown))
            faults += error(
                12,
                f"Stored Twilio secrets were sealed with a key that CREDENTIAL_KEYS does not have ({names}).",
                "Put the key back, behind the newest; once everything is resealed it may go. "
                "If it is lost: `manage.py forget_key`.",
            )
    return faults


def get_sealing_keys(alias: str) -> set[bytes]:
    """The id of every key that sealed something in the database; none where it has no tables yet."""
    key_ids: set[bytes] = set()
    for model in apps.get_models():
        columns = [field.attname for field in model._meta.fields if isinstance(field, SealedField)]
        if not columns or not router.allow_migrate_model(alias, model):
            continue
        rows = model._default_manager.using(alias).values_list(*columns)
        try:
            for row in rows.iterator(chunk_size=ROWS_AT_A_TIME):
                key_ids.update(read_key_id(bytes(value)) for value in row if value)
        except DatabaseError as error:
            if connections[alias].vendor == "postgresql" and isinstance(error, OperationalError):
                # Away, which says nothing about the secrets.
                raise
            # Before the first migration.
            return set()
    return key_ids


def read_key_id(sealed: bytes) -> bytes:
    try:
        return get_key_id(sealed)
    except UnsealError:
        return b""


def is_for_this_machine_only() -> bool:
    parts = split_address(settings.PUBLIC_URL)
    return bool(settings.DEBUG or (parts and is_loopback(parts.hostname)))


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def split_address(address: str) -> Any:
    """The parts of an address with a host and, if any, a possible port; None for anything else."""
    try:
        parts = urlsplit(address)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def is_collected(name: str) -> bool:
    storage = staticfiles_storage
    return isinstance(storage, ManifestFilesMixin) and name in storage.hashed_files
