"""What the settings promise every browser, on every page."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from accounts.sealing.encryption import make_credential_key

ROOT = Path(__file__).resolve().parents[3]
PAGES = ["/", "/accounts/login/", "/accounts/signup/", "/admin/", "/healthz", "/nowhere/"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_security_headers(db: None, client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"


def get_settings(*names: str, **changes: str) -> list[str]:
    """The settings as a process with this environment sees them."""
    environment = {
        "SECRET_KEY": "a" * 64,
        "CREDENTIAL_KEYS": make_credential_key(),
        "PUBLIC_URL": "https://phone.example.com",
        "DJANGO_SETTINGS_MODULE": "dognbone.settings",
        "ENV_FILE": os.devnull,
        "PATH": os.environ["PATH"],
        **changes,
    }
    program = (
        f"from django.conf import settings as s; print(*[repr(getattr(s, n)) for n in {names!r}], sep='\\n')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return answer.stdout.splitlines()


def test_cookies_are_for_https_only_where_the_address_is_https() -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
    assert get_settings(*names) == ["True", "True", "True"]
    assert get_settings(*names, PUBLIC_URL="http://localhost:8000") == ["False", "False", "True"]


def test_the_browser_may_reach_twilio_at_every_edge_and_nothing_else() -> None:
    (policy,) = get_settings("CONTENT_SECURITY_POLICY")
    assert "wss://*.twilio.com" in policy and "ws://" not in policy


def test_the_browser_may_reach_only_the_stand_in_where_there_is_one() -> None:
    (policy,) = get_settings("CONTENT_SECURITY_POLICY", TWILIO_SIGNALLING="127.0.0.1:8001")
    assert "ws://127.0.0.1:8001" in policy and "twilio.com" not in policy


def test_the_host_of_the_public_address_is_allowed_without_being_told() -> None:
    assert get_settings("ALLOWED_HOSTS", "DEBUG") == ["['phone.example.com']", "False"]


def test_a_second_factor_is_required_of_staff_unless_it_is_said_otherwise() -> None:
    assert get_settings("REQUIRE_SECOND_FACTOR") == ["'staff'"]
    assert get_settings("REQUIRE_SECOND_FACTOR", REQUIRE_SECOND_FACTOR="everybody") == ["'everybody'"]


def test_postgresql_is_pooled_because_threads_come_and_go() -> None:
    (databases,) = get_settings("DATABASES", DATABASE_URL="postgres://a:b@127.0.0.1:5432/c")
    assert "'pool'" in databases


def test_what_the_address_of_the_database_says_of_tls_is_done() -> None:
    (databases,) = get_settings(
        "DATABASES", DATABASE_URL="postgres://a:b@127.0.0.1:5432/c?sslmode=verify-full"
    )
    assert "'sslmode': 'verify-full'" in databases
    assert "'pool'" in databases
