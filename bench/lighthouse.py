"""What Lighthouse says of the pages, as production serves them: on a telephone and on a desk.

nginx is in front of the product, as `deploy/nginx/` has it: https, HTTP/2, files that were compressed before.

Each category's score is told beside the limit. What takes from one below it is named. The performance of a
telephone is simulated, by Lighthouse's own defaults: four times as slow as this machine, on slow 4G.

BENCH_LIGHTHOUSE_PAGES: only these, by comma. BENCH_LIGHTHOUSE_SETTINGS: Lighthouse's own, as JSON.
BENCH_LIGHTHOUSE_FILE: where the looks are written as JSON, a line each.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench import first_load
from bench.front_end_way import FLAGS, ROOT
from bench.stage import BenchFailed, Stage
from bench.timing import tell
from demo.ports import get_free_port
from demo.processes import Children
from tests.machine import find_chromium, find_nginx
from tests.nginx import make_first_start, run_front

LIMIT = 95
PRESETS = ("mobile", "desktop")
SIGNED_OUT = {"Sign in": "/accounts/login/"}
SIGNED_IN = {
    "Phone": "/",
    "Recents": "/phone/recents/",
    "Contacts": "/phone/contacts/",
    "Settings": "/phone/settings/",
    "Connect": "/accounts/twilio/",
}
SECONDS_AT_MOST = 600


def run() -> None:
    if not find_nginx():
        raise BenchFailed("nginx with brotli is missing; `make test` installs it")
    children = Children()
    with tempfile.TemporaryDirectory(prefix="dognbone-bench-") as folder:
        try:
            looks = look_at_pages(children, Path(folder))
        finally:
            children.stop()
    tell_scores(looks)
    if file := os.environ.get("BENCH_LIGHTHOUSE_FILE"):
        Path(file).write_text("".join(f"{json.dumps(one)}\n" for one in looks))


def look_at_pages(children: Children, folder: Path) -> list[dict[str, Any]]:
    port = get_free_port(after=8200)
    plain_port = get_free_port(after=port)
    url = f"https://localhost:{port}"
    # nginx is somebody else's process where it is started by root, and reads these.
    folder.chmod(0o755)
    front = folder / "front"
    front.mkdir()
    make_first_start(front, url)
    stage = first_load.start(children, folder, PUBLIC_URL=url)
    with run_front(front, folder / "static", port=port, plain_port=plain_port, product_port=stage.port):
        return look(stage)


def look(stage: Stage) -> list[dict[str, Any]]:
    """A look at each page by each preset: `name preset scores figures faults`."""
    port = get_free_port(after=stage.fake_port)
    # The certificate is one that this machine has just signed itself.
    flags = [*FLAGS, "--ignore-certificate-errors", f"--remote-debugging-port={port}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        looks = list(ask_lighthouse(stage, port, SIGNED_OUT))
        # Lighthouse looks with what the browser itself keeps, and leaves cookies as they are.
        own = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0]
        own.add_cookies(first_load.sign_in(browser, stage))  # type: ignore[arg-type]
        looks += ask_lighthouse(stage, port, SIGNED_IN)
        browser.close()
    return looks


def ask_lighthouse(stage: Stage, port: int, pages: dict[str, str]) -> Iterator[dict[str, Any]]:
    wanted = os.environ.get("BENCH_LIGHTHOUSE_PAGES")
    pages = {name: path for name, path in pages.items() if not wanted or name in wanted.split(",")}
    asked = {
        "port": port,
        "presets": PRESETS,
        "pages": [{"name": name, "url": stage.url + path} for name, path in pages.items()],
        "settings": json.loads(os.environ.get("BENCH_LIGHTHOUSE_SETTINGS", "{}")),
    }
    ran = subprocess.run(
        ["node", str(ROOT / "bench" / "lighthouse.mjs"), json.dumps(asked)],
        capture_output=True,
        text=True,
        timeout=SECONDS_AT_MOST,
        check=False,
    )
    if ran.returncode != 0:
        raise BenchFailed(f"Lighthouse says:\n{ran.stderr}")
    for line in ran.stdout.splitlines():
        found = json.loads(line)
        path = found["url"].removeprefix(stage.url)
        if found["error"] or path != pages[found["name"]]:
            raise BenchFailed(f"Lighthouse saw {found['url']} of {found['name']}: {found['error']}")
        yield found


def tell_scores(looks: list[dict[str, Any]]) -> None:
    print(f"\nWhat Lighthouse says; the limit is {LIMIT} in each category")
    for one in looks:
        scores = "   ".join(f"{name} {score}" for name, score in one["scores"].items())
        figures = {name: value for name, value in one["figures"].items() if value is not None}
        tell(f"{one['name']}, {one['preset']}", f"{scores}   ", *tell_figures(figures))
        for fault in one["faults"]:
            if one["scores"][fault["category"]] < LIMIT:
                print(f"      {fault['category']}: {fault['title']} {fault['seen']}")


def tell_figures(figures: dict[str, float]) -> list[str]:
    units = {"fcp": " ms", "lcp": " ms", "tbt": " ms", "bytes": " bytes", "cls": ""}
    return [
        f"{name} {value:.3f}" if name == "cls" else f"{name} {value:.0f}{units[name]}"
        for name, value in figures.items()
    ]
