"""The manifest, the service worker and the page for no network: the same for everybody, and nobody's."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.people import User
from phone.shell import files
from phone.shell.files import get_shell
from phone.tokens.device_options import build_sounds

# Without the mark `django_db` the database may not be asked at all.
PATHS = ("/manifest.webmanifest", "/service-worker.js", "/offline/")


def read_worker(response: Any) -> dict[str, Any]:
    text = response.content.decode()
    told: dict[str, Any] = json.loads(text.partition("self.shell = ")[2].partition(";\nimportScripts(")[0])
    return told


@pytest.mark.parametrize("path", PATHS)
def test_nothing_here_asks_the_database_or_sets_a_cookie(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-cache"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert client.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_whoever_is_signed_in_gets_the_same(
    client: Client, alice_client: Client, alice: User, path: str
) -> None:
    mine = alice_client.get(path).content
    assert mine == client.get(path).content
    assert alice.email.encode() not in mine
    assert b"csrfmiddlewaretoken" not in mine


def test_the_manifest_names_what_there_is(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert (manifest["id"], manifest["scope"], manifest["start_url"]) == ("/", "/", "/")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"] + [one for shortcut in manifest["shortcuts"] for one in shortcut["icons"]]:
        assert client.get(icon["src"]).status_code == 200
    assert [one["name"] for one in manifest["shortcuts"]] == ["Dial", "Recents", "Voicemail"]
    assert manifest["protocol_handlers"] == [{"protocol": "tel", "url": "/?call=%s"}]
    assert manifest["launch_handler"]["client_mode"][0] == "focus-existing"


def test_the_worker_keeps_the_files_of_the_page_and_nothing_else(client: Client) -> None:
    response = client.get("/service-worker.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Service-Worker-Allowed"] == "/"
    told = read_worker(response)
    kept = told["files"]
    named = {
        "/static/service-worker/offline.js",
        "/static/texts/de.js",
        *build_sounds().values(),
        *list_named(),
    }
    assert named <= set(kept)
    assert all(one.startswith("/static/") and "admin" not in one for one in kept)
    assert told["signOut"] == "/accounts/logout/"
    # All that it asks for when it is installed is there; one that is not would keep it from being installed.
    for one in kept:
        assert client.get(one).status_code == 200, one
    last = r'importScripts\(policy\.createScriptURL\("/static/service-worker/worker\.js"\)\);\n$'
    assert re.search(last, response.content.decode())


def list_named() -> list[str]:
    """What the page names by itself, but for pictures and what only a stand-in for Twilio needs."""
    template = (Path(settings.BASE_DIR) / "templates" / "phone" / "phone.html").read_text()
    names = re.findall(r"{% static '([^']+)' %}", template)
    assert len(names) > 5
    return [f"/static/{name}" for name in names if ".png" not in name and "local-signalling" not in name]


def test_another_file_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = get_shell().version
    assert get_shell().version == before
    read = files.read_file
    monkeypatch.setattr(
        files, "read_file", lambda address: read(address) + b" " * address.endswith("offline.js")
    )
    assert get_shell().version != before


def test_the_page_without_a_network_says_so_in_the_products_look(client: Client) -> None:
    page = client.get("/offline/").content.decode()
    assert "You are offline" in page
    assert "Dog n Bone cannot reach its server; calls need the network." in page
    assert re.search(r'rel="stylesheet" href="/static/', page)


def test_the_manifest_is_in_the_language_that_is_asked_for(
    client: Client, alice: User, alice_client: Client
) -> None:
    response = client.get("/manifest.webmanifest", headers={"accept-language": "de-AT,en;q=0.5"})
    manifest = response.json()
    assert "Accept-Language" in response["Vary"]
    assert (manifest["lang"], manifest["name"]) == ("de", "Dog n Bone")
    assert [one["name"] for one in manifest["shortcuts"]] == ["Wählen", "Anrufe", "Mailbox"]
    assert manifest["description"] == "Ein Telefon im Browser, mit Ihrem eigenen Twilio-Konto."
    assert client.get("/manifest.webmanifest").json()["lang"] == "en"
    # A page asks for it with its cookies, so that a person's own choice counts.
    alice.language = "de"
    alice.save()
    assert alice_client.get("/manifest.webmanifest").json()["lang"] == "de"
    link = 'rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials"'
    assert link in alice_client.get("/accounts/twilio/").text


def test_the_worker_has_the_page_for_no_network_in_every_language(client: Client) -> None:
    told = read_worker(client.get("/service-worker.js"))
    assert told["offline"] == {"en": "/offline/?language=en", "de": "/offline/?language=de"}
    assert told["language"] == "en"
    english, german = (client.get(told["offline"][one]) for one in ("en", "de"))
    assert "You are offline" in english.text and "texts/" not in english.text
    assert "Sie sind offline" in german.text and '<html lang="de">' in german.text
    # What its module says, it says in German, too; and none of it is the browser's word.
    assert '<script src="/static/texts/de.js"' in german.text
    assert german["Content-Language"] == "de"
    asked = client.get(told["offline"]["en"], headers={"accept-language": "de"})
    assert asked.text == english.text
    assert "You are offline" in client.get("/offline/?language=tlh").text


def test_the_files_are_the_same_whatever_is_spoken_when_they_are_listed() -> None:
    english = get_shell()
    with translation.override("de"):
        assert get_shell() == english
