"""What has to be so of a page however it is looked at: what axe finds, and what a window leaves out."""

import time
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# Rather everything that axe has an opinion on than the rules of one standard.
RUN_AXE = """
async (rules) => (await axe.run(document, {
  resultTypes: ["violations"], preload: false, ...(rules.length ? { runOnly: rules } : {}),
})).violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} | ${node.failureSummary ?? ""}`),
)
"""
# Those of its rules that look at colours.
BY_COLOUR = ("color-contrast", "link-in-text-block")
# What changes its colour gently has it at once; what inherits that, in the next round.
SETTLE = """
async () => {
  const drawn = () => new Promise((resolve) => { requestAnimationFrame(resolve); setTimeout(resolve, 100); });
  const isPassing = (one) => one.effect.getComputedTiming().endTime < Infinity;
  for (let round = 0, quiet = 0; round < 5 && quiet < 2; round += 1) {
    await drawn();
    const passing = document.getAnimations().filter(isPassing);
    for (const one of passing) one.finish();
    quiet = passing.length ? 0 : quiet + 1;
  }
}
"""
# A wide screen, a low one, a telephone upright and on its side, and the smallest.
WINDOWS = [(1440, 900), (1366, 650), (390, 664), (844, 390), (320, 640)]
# Which of the buttons that are shown leave the window, or the panel that they are in.
FIND_OUTSIDE = """() => [...document.querySelectorAll(".handset button")]
  .filter((button) => button.checkVisibility())
  .filter((button) => !button.closest(".keys") || !document.querySelector(".ring"))
  .filter((button) => {
    const own = button.getBoundingClientRect();
    const panel = button.closest(".ring, .talk, .entry, .handset").getBoundingClientRect();
    return own.top < 0 || own.bottom > innerHeight || own.left < panel.left || own.right > panel.right;
  })
  .map((button) => button.innerText)"""
SCROLLS_SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"
# Two calls are two regions of one name, as the acceptance tests have it: what is in them tells them apart.
CALLS_ALIKE = 'landmark-unique: <section class="talk'
# A window has its new size at once, and the page its new shape a moment later.
SETTLED_SECONDS = 2
NEVER_AWAY = ("Call", "Hang up", "Answer", "Hold and answer", "Decline")


def find_faults(page: Page, *rules: str) -> list[str]:
    """What axe finds, by all of its rules or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return list(page.evaluate(RUN_AXE, rules))


def find_faults_by_day_and_night(page: Page) -> list[str]:
    """The same page in both themes: at night it has other colours, and all else is the same."""
    found = find_faults(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLE)
    found += [f"at night: {fault}" for fault in find_faults(page, *BY_COLOUR)]
    # The next page begins by day; this one may still be on its way there.
    page.emulate_media(color_scheme="light")
    return found


def find_outside(page: Page) -> list[str]:
    page.evaluate("scrollTo(0, 0)")
    return list(page.evaluate(FIND_OUTSIDE))


def expect_for_everybody(page: Page) -> None:
    """In a call: nothing that axe finds, and what begins and ends calls in every window without scrolling."""
    faults = [fault for fault in find_faults(page) if not fault.startswith(CALLS_ALIKE)]
    assert not faults, "\n".join(faults)
    before = page.viewport_size
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        deadline = time.monotonic() + SETTLED_SECONDS
        while away := [name for name in find_outside(page) if name.strip() in NEVER_AWAY]:
            assert time.monotonic() < deadline, f"{away} in {width} × {height}"
            page.wait_for_timeout(50)
        assert not page.evaluate(SCROLLS_SIDEWAYS), f"{width} × {height}"
    assert before is not None
    page.set_viewport_size(before)
