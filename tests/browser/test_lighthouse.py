"""What Lighthouse finds of pages as production serves them. Of their speed `make bench` tells."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.lighthouse import LIMIT, PRESETS, SIGNED_IN, SIGNED_OUT

ROOT = Path(__file__).resolve().parents[2]
# Each other one is the phone with another pane, and in `make bench`.
PAGES = ("Sign in", "Phone", "Connect")
CATEGORIES = ("accessibility", "best-practices", "seo")
# As it is served here, and what moves while it is loaded.
SETTINGS = {
    "onlyCategories": CATEGORIES,
    "onlyAudits": ["cumulative-layout-shift"],
    "throttlingMethod": "provided",
}
# Above which Google calls a page unsteady: https://web.dev/articles/cls.
MOVES_AT_MOST = 0.1


def test_lighthouse_has_nothing_to_say_of_a_page_on_a_telephone_or_a_desk(tmp_path: Path) -> None:
    file = tmp_path / "looks.jsonl"
    asked = {"PAGES": ",".join(PAGES), "SETTINGS": json.dumps(SETTINGS), "FILE": str(file)}
    # What the suite sets for itself is not for the server that this starts.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "CHROMIUM") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "lighthouse"],
        cwd=ROOT,
        env={**kept, **{f"BENCH_LIGHTHOUSE_{name}": value for name, value in asked.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    print(ran.stdout)
    looks = [json.loads(line) for line in file.read_text().splitlines()]
    assert set(PAGES) <= {*SIGNED_OUT, *SIGNED_IN}
    assert [(one["name"], one["preset"]) for one in looks] == [
        (page, preset) for page in PAGES for preset in PRESETS
    ]
    for one in looks:
        assert sorted(one["scores"]) == sorted(CATEGORIES)
        assert min(one["scores"].values()) >= LIMIT, one
        assert one["figures"]["cls"] <= MOVES_AT_MOST, one
