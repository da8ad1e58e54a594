"""The files of a production install: collected, hashed, and served."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.sealing.encryption import make_credential_key
from dognbone.headers import NOTHING, OWN

ROOT = Path(__file__).resolve().parents[3]

# Asks the collected site for its files, as a browser would.
PROGRAM = """
import django, json, sys
from django.conf import settings
settings.STATIC_ROOT = sys.argv[1]
django.setup()
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
with open(settings.STATIC_ROOT + "/checked.txt", "w") as told:
    call_command("check", deploy=True, fail_level="DEBUG", stdout=told, stderr=told)
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
answers = {}
for name in sys.argv[2:]:
    url = staticfiles_storage.url(name)
    response = Client().get(url, headers={"host": "phone.example.com"}, secure=True)
    answers[name] = [url, response.status_code, response.headers["Cache-Control"],
                     response.headers["X-Content-Type-Options"],
                     response.headers["Content-Security-Policy"],
                     response.headers["Cross-Origin-Resource-Policy"]]
from phone.shell.files import get_shell
with open(settings.STATIC_ROOT + "/shell.json", "w") as kept:
    json.dump([get_shell().is_hashed, *get_shell().files], kept)
print(json.dumps(answers))
"""


# What every phone loads before it can be one.
# But for the page itself, with its token; as it comes over the wire.
PAGE_AT_MOST = 18_000
FIRST = (
    *("phone/page/early.js", "twilio-voice-sdk/twilio.min.js"),
    *("bundles/phone.js", "bundles/phone.css", "bundles/site.css"),
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    folder = tmp_path_factory.mktemp("staticfiles")
    environment = {
        "SECRET_KEY": "0123456789abcdef" * 4,
        "CREDENTIAL_KEYS": make_credential_key(),
        "PUBLIC_URL": "https://phone.example.com",
        "DJANGO_SETTINGS_MODULE": "dognbone.settings",
        "ENV_FILE": os.devnull,
        "PATH": os.environ["PATH"],
    }
    packages = ["twilio-voice-sdk/twilio.min.js", "libphonenumber-js/libphonenumber-max.js"]
    names = [
        *packages,
        "texts/de.js",
        "bundles/phone.js",
        "bundles/phone.css",
        "bundles/site.css",
        *find_modules(),
    ]
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), *names],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return folder, json.loads(answer.stdout)


def find_modules() -> list[str]:
    return [str(path.relative_to(ROOT / "static")) for path in sorted((ROOT / "static").rglob("*.js"))]


def test_a_production_install_passes_every_check(collected: tuple[Path, dict[str, list[str]]]) -> None:
    """`manage.py check --deploy`; silenced are those for HSTS preloaded and for the name of Django's CSRF."""
    told = (collected[0] / "checked.txt").read_text()
    assert told == "System check identified no issues (3 silenced).\n"


def test_every_file_is_served_under_a_hashed_name_for_ever(
    collected: tuple[Path, dict[str, list[str]]],
) -> None:
    _, answers = collected
    for name, (url, status, caching, sniffing, policy, whose) in answers.items():
        assert re.search(r"\.[0-9a-f]{12}\.(js|css)$", url), name
        assert status == 200, name
        assert "immutable" in caching, name
        assert sniffing == "nosniff", name
        assert (policy, whose) == (NOTHING, OWN), name


def test_modules_import_each_other_by_their_hashed_names(
    collected: tuple[Path, dict[str, list[str]]],
) -> None:
    folder, answers = collected
    for name, (url, *_) in answers.items():
        if name.startswith("twilio-voice-sdk"):
            continue
        source = (folder / url.removeprefix("/static/")).read_text()
        for imported in re.findall(
            r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];""", source, re.MULTILINE
        ):
            assert re.search(r"\.[0-9a-f]{12}\.js$", imported), f"{name} imports {imported}"


def test_what_every_phone_loads_is_compressed_beforehand(
    collected: tuple[Path, dict[str, list[str]]],
) -> None:
    folder, answers = collected
    for name in FIRST:
        file = folder / answers[name][0].removeprefix("/static/")
        assert Path(f"{file}.br").exists() and Path(f"{file}.gz").exists(), name


@pytest.mark.parametrize("texts", [(), ("texts/de.js",)], ids=["en", "de"])
def test_the_phone_weighs_at_most_what_it_may_before_it_is_ready(
    collected: tuple[Path, dict[str, list[str]]], texts: tuple[str, ...]
) -> None:
    folder, answers = collected
    # Nothing else is loaded before, says `tests/browser/test_first_load.py`.
    named = {
        name: Path(f"{folder / answers[name][0].removeprefix('/static/')}.br").stat().st_size
        for name in (*FIRST, *texts)
    }
    assert sum(named.values()) + PAGE_AT_MOST <= 150_000, (sum(named.values()) + PAGE_AT_MOST, named)


def test_the_service_worker_keeps_hashed_files_that_are_there_and_all_that_the_page_loads(
    collected: tuple[Path, dict[str, list[str]]],
) -> None:
    folder, _ = collected
    is_hashed, *files = json.loads((folder / "shell.json").read_text())
    assert is_hashed
    for address in files:
        assert re.search(r"\.[0-9a-f]{12}\.[a-z]+$", address), address
        assert (folder / address.removeprefix("/static/")).is_file(), address
    paths = json.loads((folder / "staticfiles.json").read_text())["paths"]
    page = (ROOT / "templates" / "phone" / "phone.html").read_text()
    for name in re.findall(r"{% static '([^']+\.(?:js|css|svg))' %}", page):
        assert name.endswith("local-signalling.js") or f"/static/{paths[name]}" in files, name
