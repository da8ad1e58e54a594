"""`deploy/` says what is so: what its files name is there, and what they start starts."""

import re
import shlex
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.urls import NoReverseMatch, get_resolver, reverse

from dognbone.metrics import stored
from dognbone.outages import APOLOGY, SPOKEN
from fuzz.__main__ import ALLOCATOR
from phone.calls.twiml import build_spoken
from phone.calls.webhooks import MOST_BYTES

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
OF_THE_PRODUCT = ("first-start", "migrate", "web", "worker", "prune")
# Known to what runs the product, not to its settings.
OTHER_NAMES = {"ENV_FILE", "DATABASE_HOST"}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def read_settings() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def read_dockerfile() -> list[list[str]]:
    lines = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def starts(command: list[str]) -> None:
    """Fails where what is started is not there."""
    match command:
        case ["python", "manage.py", name, *options]:
            assert name in get_commands()
            assert not options or options == ["--noinput"]
        case ["python", "-m", "dognbone", *options]:
            from dognbone import __main__

            source = Path(__main__.__file__).read_text()
            assert all(f'"{one}"' in source for one in options if one.startswith("--"))
        case ["python", script, *_]:
            assert (ROOT / script).is_file()
            assert any(script in line for line in read_dockerfile() if line[0] == "COPY"), "not in the image"
        case ["sh", "-c", program]:
            starts(shlex.split(re.findall(r"python manage.py \w+", program)[0]))
        case _:
            raise AssertionError(f"what is started by {command}?")


def test_every_service_starts_what_is_there(compose: Any) -> None:
    for name in OF_THE_PRODUCT:
        starts(compose["services"][name]["command"])
    starts(compose["services"]["web"]["healthcheck"]["test"][1:])


def test_the_service_is_whole(compose: Any) -> None:
    services = compose["services"]
    assert set(services) == {*OF_THE_PRODUCT, "nginx", "postgresql", "redis"}
    assert services["web"]["environment"]["WEB_CONCURRENCY"] == "${WEB_CONCURRENCY:-2}"
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], other
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in compose["volumes"], name
        for network in service["networks"]:
            assert network in compose["networks"], name


def test_each_setting_is_one_that_the_product_reads(compose: Any) -> None:
    for name in OF_THE_PRODUCT:
        assert set(compose["services"][name]["environment"]) <= read_settings() | OTHER_NAMES


# Said by the files themselves, made at the first start, or for other ways to run it.
SAID_ELSEWHERE = {
    "SECRET_KEY",
    "CREDENTIAL_KEYS",
    "METRICS_TOKEN",
    "DATABASE_URL",
    "PROMETHEUS_MULTIPROC_DIR",
}
SAID_ELSEWHERE |= {"DEBUG", "TWILIO_BASE_URL", "TWILIO_SIGNALLING"}


def test_each_setting_can_be_set(compose: Any) -> None:
    settings = set(compose["services"]["web"]["environment"])
    assert read_settings() - settings - SAID_ELSEWHERE == set()


def test_an_optional_setting_is_not_set_to_nothing(compose: Any) -> None:
    """ALLOWED_HOSTS= would answer nobody; without a value Compose passes on what is set, else nothing."""
    settings = compose["services"]["web"]["environment"]
    optional = {name for name, value in settings.items() if value is None}
    assert {"ALLOWED_HOSTS", "EMAIL_URL", "SENTRY_DSN"} <= optional
    assert not [name for name, value in settings.items() if value == "" or str(value).endswith(":-}")]


def test_whoever_runs_the_product_can_change_nothing_and_become_nobody(compose: Any) -> None:
    for name in (*OF_THE_PRODUCT, "nginx"):
        service = compose["services"][name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"]
    users = [line[1] for line in read_dockerfile() if line[0] == "USER"]
    assert users == ["10001:10001", "www-data"]


def test_only_nginx_is_reached_from_outside_and_only_it_is_believed(compose: Any) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    command = compose["services"]["web"]["command"]
    believed = command[command.index("--forwarded-allow-ips") + 1]
    assert compose["networks"]["inside"]["ipam"]["config"] == [{"subnet": believed}]
    assert "outside" not in compose["services"]["postgresql"]["networks"]


def test_secrets_reach_nobody_who_does_not_need_them(compose: Any) -> None:
    mounts = {
        name: {volume.partition(":")[0] for volume in service.get("volumes", ())}
        for name, service in compose["services"].items()
    }
    assert {name for name in mounts if "keys" in mounts[name]} == set(OF_THE_PRODUCT)
    assert {name for name in mounts if "certificate" in mounts[name]} == {"first-start", "nginx"}
    assert {name for name in mounts if "database-password" in mounts[name]} == {"first-start", "postgresql"}


def test_the_image_has_every_room_that_the_product_is_made_of(compose: Any, settings: Any) -> None:
    lines = read_dockerfile()
    stages = {line[3] for line in lines if line[0] == "FROM"}
    for name in (*OF_THE_PRODUCT, "nginx"):
        assert compose["services"][name]["build"]["target"] in stages
    copied = {
        one.rstrip("/")
        for line in lines
        if line[0] == "COPY" and not line[1].startswith("--from")
        for one in line[1:-1]
    }
    for one in copied:
        assert (ROOT / one).exists(), one
    ours = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert ours | {"templates", "static", "locale", "manage.py", "requirements.txt"} <= copied
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    assert all(f"!{one.split('/')[0]}" in ignored for one in copied)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_what_is_there(unit: Path) -> None:
    for line in unit.read_text().splitlines():
        name, _, command = line.partition("=")
        if not name.startswith("Exec") or not command.startswith("/srv/dognbone/"):
            continue
        program, *arguments = command.split()
        assert program == "/srv/dognbone/.venv/bin/python"
        if arguments == ["manage.py", "migrate", "--check"]:
            continue
        starts(["python", *arguments])


def test_whatever_runs_for_long_gives_memory_back_and_bad_input_is_tried_on_the_same() -> None:
    wanted = {f"{name}={value}" for name, value in ALLOCATOR.items()}
    assert wanted <= {one for line in read_dockerfile() if line[0] == "ENV" for one in line[1:]}
    assert all(f"`{one}`" in (ROOT / "docs" / "operations.md").read_text() for one in wanted)
    for unit in UNITS:
        if "Restart=always" in unit.read_text():
            said = re.findall(r"^Environment=(.*)$", unit.read_text(), re.MULTILINE)
            assert wanted <= set(" ".join(said).split()), unit.name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is missing")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    """With the folder and the person of this machine in place of the documented ones."""
    for unit in UNITS:
        text = unit.read_text().replace("/srv/dognbone", str(ROOT)).replace("User=dognbone", "User=daemon")
        name = unit.name.replace("@.", "@1.")
        (tmp_path / name).write_text(text)
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(one) for one in sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in answer.stderr.splitlines() if str(tmp_path) in line or "dognbone" in line]
    assert not complaints and answer.returncode == 0, answer.stderr


def list_figures() -> set[str]:
    """Every name that `/metrics` may have, as Prometheus's own language writes it."""
    from accounts import metrics

    source = Path(metrics.__file__).read_text() + Path(stored.__file__).read_text()
    names = set(re.findall(r'"(dognbone_\w+)"', source)) | {"dognbone_database_up", "up"}
    return names | {f"{name}{ending}" for name in names for ending in ("_total", "_count", "_sum", "_bucket")}


def test_every_alert_asks_for_figures_that_there_are_and_is_in_the_runbook() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(alerts) >= 8
    for alert in alerts:
        asked = set(re.findall(r"\b(dognbone_\w+|up)\b", alert["expr"]))
        assert asked and asked <= list_figures(), alert["alert"]
        assert f"`{alert['alert']}`" in runbook
        assert alert["annotations"]["summary"]


def test_the_scraper_asks_where_there_is_something_to_read() -> None:
    scrape = yaml.safe_load((DEPLOY / "prometheus" / "scrape.yaml").read_text())["scrape_configs"][0]
    assert scrape["metrics_path"].strip("/") in {str(one.pattern) for one in get_resolver().url_patterns}
    assert scrape["authorization"]["type"] == "Bearer"


def test_every_alarm_of_the_product_is_in_the_runbook() -> None:
    from accounts.failures.alarms import Alarm

    runbook = (ROOT / "docs" / "runbook.md").read_text()
    for kind in Alarm.Kind:
        assert f"`{kind.value}`" in runbook


def read_nginx() -> str:
    return (DEPLOY / "nginx" / "dognbone.conf").read_text()


def test_nginx_apologises_where_somebody_hears_it_and_nowhere_else() -> None:
    [pattern] = re.findall(r"location ~ (\S+) {", read_nginx())
    spoken = set()
    for name in filter(lambda name: isinstance(name, str), get_resolver().reverse_dict):
        with suppress(NoReverseMatch):
            if re.fullmatch(pattern.strip("^$"), reverse(name, args=["key"])):
                spoken.add(name)
    assert spoken == set(SPOKEN)


def test_nginx_takes_as_much_of_a_webhook_as_the_product_and_passes_on_that_it_was_more() -> None:
    text = read_nginx()
    found = re.findall(r"location (?:~ \S*|)/phone/webhooks/[^{]*\{[^}]*\}", text.replace("^/", "/"))
    webhooks = [one for one in found if "proxy_pass" in one]
    assert len(webhooks) == 2
    for one in webhooks:
        assert f"client_max_body_size {MOST_BYTES // 1024}k;" in one and "413 = @webhook_too_large" in one
    assert f"Content-Length {MOST_BYTES + 1};" in text
    # What stands in a location of its own is not added to what stands around it.
    [around] = re.findall(r"proxy_http_version 1\.1;(.*?)location / ", text, re.DOTALL)
    [refusing] = re.findall(r"location @webhook_too_large \{([^}]*)\}", text)
    told = {name for name, _ in re.findall(r"proxy_set_header (\S+) (\S+);", around)}
    assert told - {"Upgrade"} == {
        name for name, _ in re.findall(r"proxy_set_header (\S+) (\S+);", refusing)
    } - {"Content-Length"}


def test_nginx_apologises_in_the_products_own_words() -> None:
    [said] = re.findall(r"return 200 '(.*)';", read_nginx())
    assert said == build_spoken(APOLOGY)
