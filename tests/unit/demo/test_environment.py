import stat
from pathlib import Path

import pytest

from accounts.sealing.encryption import CredentialKey
from demo.environment import DemoEnvironment, DemoRefused, build_demo_environment


def build(tmp_path: Path, *, dotenv: str = "", **given: str) -> DemoEnvironment:
    (tmp_path / ".env").write_text(dotenv)
    return build_demo_environment(given, dotenv=tmp_path / ".env", var=tmp_path)


def test_a_demo_without_any_setting_is_complete(tmp_path: Path) -> None:
    environment = build(tmp_path)
    assert environment.public_url == "http://localhost:8000"
    assert environment.has_fake
    assert environment.values["DATABASE_URL"] == f"sqlite:///{tmp_path}/demo.sqlite3"
    assert len(environment.values["SECRET_KEY"]) > 40
    assert CredentialKey(environment.values["CREDENTIAL_KEYS"])


def test_the_next_start_opens_what_this_one_sealed(tmp_path: Path) -> None:
    first, second = build(tmp_path), build(tmp_path)
    assert first.values["CREDENTIAL_KEYS"] == second.values["CREDENTIAL_KEYS"]


def test_only_its_owner_may_read_the_demos_secrets(tmp_path: Path) -> None:
    build(tmp_path)
    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600


def test_what_the_shell_says_wins_over_the_env_file_and_that_over_the_demo(tmp_path: Path) -> None:
    environment = build(
        tmp_path, dotenv="LOG_LEVEL=DEBUG\nSECRET_KEY=from the file\n", SECRET_KEY="from the shell"
    )
    assert environment.values["SECRET_KEY"] == "from the shell"
    assert environment.values["LOG_LEVEL"] == "DEBUG"


def test_a_port_moves_the_phone(tmp_path: Path) -> None:
    environment = build(tmp_path, PORT="9000")
    assert (environment.port, environment.public_url) == (9000, "http://localhost:9000")


def test_the_demo_shows_the_products_error_pages_unless_somebody_wants_djangos(tmp_path: Path) -> None:
    assert "DEBUG" not in build(tmp_path).values
    assert build(tmp_path, DEBUG="true").values["DEBUG"] == "true"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(DemoRefused, match="PORT"):
        build(tmp_path, PORT=port)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9999", ""])
def test_no_fake_is_started_where_an_address_is_set_already(tmp_path: Path, address: str) -> None:
    assert not build(tmp_path, TWILIO_BASE_URL=address).has_fake
    assert not build(tmp_path, dotenv=f"TWILIO_BASE_URL={address}\n").has_fake


def test_people_whose_password_everybody_knows_are_not_put_on_the_internet(tmp_path: Path) -> None:
    with pytest.raises(DemoRefused, match=r"phone\.example\.com"):
        build(tmp_path, PUBLIC_URL="https://phone.example.com")
