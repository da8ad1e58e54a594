"""What `deploy/` puts in front of the product, and how it is upgraded, with the processes themselves.

nginx runs with its own files, on other ports and folders; the settings and the certificate are those that
`first_start.py` makes.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.sync.client import connect as connect_socket
from whitenoise.compress import Compressor

from dognbone.headers import NOTHING, OWN
from tests.machine import find_nginx
from tests.nginx import make_first_start, run_front
from tests.servers import get_free_port
from tests.service.conftest import Documented, read_settings
from tests.service.service import ROOT, Person, Service, hear

DEPLOY = ROOT / "deploy"
MADE = ("env", "password", "key.pem", "certificate.pem")
SCRIPT = "export const texts = [" + "'a file that is worth compressing', " * 200 + "];"


@dataclass
class Front:
    """nginx in front of a service."""

    service: Service
    folder: Path
    url: str
    plain_port: int

    @property
    def certificate(self) -> str:
        return str(self.folder / "certificate" / "certificate.pem")

    def get(self, path: str, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.get(self.url + path, headers=named, verify=self.certificate, timeout=20)

    def post(self, path: str, form: dict[str, str], **how: Any) -> requests.Response:
        return requests.post(self.url + path, form, verify=self.certificate, **how)


@pytest.fixture(scope="module")
def front(documented: Documented) -> Iterator[Front]:
    if not find_nginx():
        pytest.skip("nginx with brotli is missing")
    files = documented.folder / "staticfiles"
    files.mkdir()
    (files / "texts.0123456789ab.js").write_text(SCRIPT)
    for _ in Compressor(log=lambda line: None).compress(str(files / "texts.0123456789ab.js")):
        pass
    plain_port = get_free_port()
    port = int(documented.url.rpartition(":")[2])
    folder = documented.folder
    with run_front(folder, files, port=port, plain_port=plain_port, product_port=documented.service.port):
        yield Front(documented.service, documented.folder, documented.url, plain_port)


class ByFront(Person):
    """A browser that knows the front alone."""

    def __init__(self, front: Front, name: str) -> None:
        class Address:
            url = front.url

        super().__init__(Address(), name)  # type: ignore[arg-type]
        # Whatever the machine trusts otherwise.
        self.session.trust_env = False
        self.session.verify = front.certificate


def test_a_person_signs_in_through_the_front_and_has_a_token_and_a_socket(front: Front) -> None:
    alice = ByFront(front, "alice")
    signed_in = alice.sign_in()
    assert signed_in.status == 302, signed_in.error
    assert alice.ask_token().status == 200
    cookies = "; ".join(f"{one.name}={one.value}" for one in alice.session.cookies)
    trusting = ssl.create_default_context(cafile=front.certificate)
    with connect_socket(
        front.url.replace("https", "wss", 1) + f"/ws/device/?page_session={uuid.uuid4()}",
        additional_headers={"Cookie": cookies},
        origin=front.url,  # type: ignore[arg-type]
        ssl=trusting,
        open_timeout=15,
        close_timeout=2,
        compression=None,
    ) as page:
        asked = str(uuid.uuid4())
        page.send(f'{{"type": "echo", "id": "{asked}"}}')
        assert hear(page, "echo")["id"] == asked


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is missing")
def test_a_page_comes_over_http_2(front: Front) -> None:
    command = ["curl", "--silent", "--http2", "--cacert", front.certificate, "--output", os.devnull]
    command += [
        "--write-out",
        "%{http_version} %{http_code} %header{x-request-id}",
        f"{front.url}/accounts/login/",
    ]
    version, code, request_id = subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout.split()
    assert (version, code) == ("2", "200")
    front.service.wait_for(lambda: request_id in front.service.read_log(), "the request's line in the log")


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_static_file_comes_as_it_was_compressed_and_is_kept(front: Front, encoding: str) -> None:
    answer = front.get("/static/texts.0123456789ab.js", Accept_Encoding=encoding)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    if encoding != "br":
        # requests knows brotli only where a package of it is there.
        assert answer.text == SCRIPT
    whole = len(SCRIPT.encode())
    assert (int(answer.headers["Content-Length"]) < whole / 5) == (encoding != "identity")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == NOTHING
    assert answer.headers["Cross-Origin-Resource-Policy"] == OWN


def test_plain_http_leads_to_https(front: Front) -> None:
    answer = requests.get(
        f"http://localhost:{front.plain_port}/phone/recents/", allow_redirects=False, timeout=20
    )
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://localhost/phone/recents/")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/accounts/login/"), ("POST", "/phone/webhooks/x/voice/"), ("GET", "/phone/webhooks/x/voice/")],
)
def test_what_was_sent_in_the_clear_is_led_nowhere(front: Front, method: str, path: str) -> None:
    url = f"http://localhost:{front.plain_port}{path}"
    answer = requests.request(method, url, data={"a": "1"}, allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers.get("Location")) == (403, None)


@pytest.mark.parametrize(
    ("ciphers", "is_taken"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
        ("ECDHE-ECDSA-AES128-SHA", False),
        ("ECDHE-ECDSA-AES256-SHA384", False),
    ],
)
def test_of_tls_1_2_only_what_is_authenticated_as_it_is_encrypted(
    front: Front, ciphers: str, is_taken: bool
) -> None:
    asking = ssl.create_default_context(cafile=front.certificate)
    asking.maximum_version = ssl.TLSVersion.TLSv1_2
    asking.set_ciphers(ciphers)
    port = int(front.url.rpartition(":")[2])
    with socket.create_connection(("localhost", port), timeout=20) as plain:
        if is_taken:
            with asking.wrap_socket(plain, server_hostname="localhost") as secured:
                assert (secured.cipher() or ("",))[0] == ciphers
        else:
            with pytest.raises(ssl.SSLError):
                asking.wrap_socket(plain, server_hostname="localhost")


def test_nobody_chooses_the_address_that_the_audit_trail_shows(front: Front) -> None:
    mallory = ByFront(front, "alice")
    mallory.session.headers["X-Forwarded-For"] = "203.0.113.9"
    mallory.sign_in(password="wrong")
    addresses = front.service.query("SELECT DISTINCT ip_address::text FROM accounts_loginfailure")
    assert addresses == [("127.0.0.1/32",)]


def test_what_the_first_start_made_stays_as_it_is(front: Front) -> None:
    before = {file: file.read_bytes() for file in front.folder.glob("[ckd]*/*") if file.name in MADE}
    said = make_first_start(front.folder, front.url)
    assert {file: file.read_bytes() for file in before} == before and len(before) == 4
    secrets = read_settings(front.folder / "keys" / "env").values()
    assert not [one for one in secrets if one in said]
    assert (front.folder / "keys" / "env").stat().st_mode & 0o077 == 0


def test_a_webhook_that_its_process_died_at_is_answered_all_the_same(front: Front) -> None:
    """Asked once more of whoever comes next, or with an apology where nobody does in time."""
    service, before = front.service, front.service.list_workers()
    for pid in before:
        # Neither reads what comes to it.
        os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(service.call_webhook, by=front.post)
        service.wait_for(lambda: has_unread(service.port), "a request that nobody reads")
        for pid in before:
            service.kill_worker(pid)
        answer = asked.result()
    service.wait_for(lambda: len(set(service.list_workers()) - set(before)) == 2, "new workers", 60)
    assert answer.status == 200, answer.error
    assert answer.response is not None and "<Response>" in answer.response.text
    assert answer.response.headers["Content-Type"].startswith("text/xml")
    assert answer.seconds < 15


def test_a_webhook_with_too_much_is_refused_as_all_else_is_and_kept(front: Front) -> None:
    much = "a=" + "x" * 3_000_000
    pieces = ("x" * 50_000 for _ in range(10))
    for body in (much, (piece.encode() for piece in pieces)):
        url = front.url + "/phone/webhooks/made-up/voice/"
        answer = requests.post(url, body, verify=front.certificate, timeout=20)
        assert (answer.status_code, answer.text) == (403, "Forbidden")
    kept = front.service.query(
        "SELECT count(*) FROM phone_webhookrefusal WHERE starts_with(path, '/phone/webhooks/made')"
    )
    assert kept == [(2,)]


def has_unread(port: int) -> bool:
    """Whether a connection to `port` holds what nobody has read yet (proc(5), tcp)."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(one[1].endswith(f":{port:04X}") and int(one[4].partition(":")[2], 16) for one in lines)


def test_a_reload_replaces_every_process_and_nobody_is_turned_away(front: Front) -> None:
    """What an upgrade ends with: `systemctl reload`, which is SIGHUP."""
    service, before = front.service, front.service.list_workers()
    assert service.process is not None
    statuses: list[int] = []
    is_over = threading.Event()

    def keep_asking() -> None:
        while not is_over.is_set():
            try:
                statuses.append(front.get("/accounts/login/").status_code)
            except requests.RequestException:
                statuses.append(0)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        service.process.send_signal(1)
        service.wait_for(lambda: len(set(service.list_workers()) - set(before)) == 2, "two new ones", 120)
        service.wait_for(lambda: not set(service.list_workers()) & set(before), "the end of the old", 60)
    finally:
        is_over.set()
        asking.join()
    assert statuses and set(statuses) == {200}
