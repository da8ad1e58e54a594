"""What has to be so of a page however one looks at it: what axe finds, what a window leaves out or cuts.

With LOOKS=<folder> in the environment, `look` takes a picture of each state in each window by day, and of
some at night and in colours that the system forces; what is amiss then stands in the folder's `amiss.txt`.
"""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("LOOKS", "")
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
# What moves or changes its colour gently is at its end at once; what inherits that, in the next round.
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
# A wide screen, a low one, that at 200 %, a telephone upright and on its side, and the smallest.
WINDOWS = [(1440, 900), (1366, 650), (683, 325), (390, 664), (844, 390), (320, 640)]
# Which of the buttons that are shown leave the window, or the panel that they are in.
FIND_OUTSIDE = """() => [...document.querySelectorAll(".handset button")]
  .filter((button) => button.checkVisibility())
  .filter((button) => !button.closest(".keys") || !document.querySelector(".ring"))
  .filter((button) => {
    const own = button.getBoundingClientRect();
    const panel = button.closest(".ring, .talk, .entry, .handset").getBoundingClientRect();
    const isWithin = own.top >= 0 && own.bottom <= innerHeight;
    return !isWithin || own.left < panel.left || own.right > panel.right;
  })
  .map((button) => button.innerText)"""
# Words that are shown and of which a part is not to be had, by scrolling either; dots that stand for the rest
# of somebody's name are meant.
FIND_CUT = """() => {
  const cut = [];
  const isHidden = (how) => how === "hidden" || how === "clip";
  const look = (own, words, lines) => {
    for (let up = own; up; up = up.parentElement) {
      const { clipPath, overflowX, overflowY, position, textOverflow } = getComputedStyle(up);
      const box = up.getBoundingClientRect();
      // For screen readers alone.
      if (clipPath !== "none" || box.width <= 1) return;
      // What is drawn as a thing has its words within it, whether or not it would show them outside.
      const isThing = up.matches("button, .button, .badge, .note, .card, .talk, .ring, .handset, .pane");
      const [isWithinX, isWithinY] = [isThing || isHidden(overflowX), isThing || isHidden(overflowY)];
      const isCut = lines.some(({ left, right, top, bottom }) =>
        (isWithinX && (left < box.left - 1 || right > box.right + 1)) ||
        (isWithinY && (top < box.top - 2 || bottom > box.bottom + 2)));
      if (isCut && textOverflow !== "ellipsis") cut.push(`${words} | ${up.className}`);
      if (isCut || /auto|scroll/.test(overflowX + overflowY) || position === "fixed") return;
    }
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const own = texts.currentNode.parentElement;
    const words = texts.currentNode.data.trim();
    const isRead = words && !own.closest("script, style, noscript, option, textarea, .skip");
    const isFolded = own.closest("details:not([open]) > :not(summary)");
    if (!isRead || isFolded || !own.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    look(own, words, [...range.getClientRects()].filter((one) => one.width > 1));
  }
  return cut;
}"""
# A label is the name of the first alone of those that share an id; axe does not mind.
FIND_TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))];
}"""
SCROLLS_SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"
# Two calls, or two that ring, are two regions of one name, as the acceptance tests have it: what is in them
# tells them apart.
CALLS_ALIKE = ('landmark-unique: <section class="talk', 'landmark-unique: <section class="ring')
# A window has its new size at once, and the page its new shape a moment later: after a few drawings, however
# long each takes.
ROUNDS = 20
NEVER_AWAY = (
    *("Call", "Hang up", "Answer", "Hold and answer", "Decline"),
    *("Anrufen", "Auflegen", "Annehmen", "Halten und annehmen", "Ablehnen"),
)


def find_faults(page: Page, *rules: str) -> list[str]:
    """What axe finds, by all of its rules or by these, once whatever moves has come to its end."""
    page.evaluate(SETTLE)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return list(page.evaluate(RUN_AXE, rules))


def find_faults_by_day_and_night(page: Page) -> list[str]:
    """The same page in both themes: at night it has other colours, and all else is the same."""
    found = find_faults(page)
    page.emulate_media(color_scheme="dark")
    found += [f"at night: {fault}" for fault in find_faults(page, *BY_COLOUR)]
    # The next page begins by day; this one may still be on its way there.
    page.emulate_media(color_scheme="light")
    return found


LOOK = f"""() => ({{
  outside: ({FIND_OUTSIDE})(), cut: ({FIND_CUT})(), twice: ({FIND_TWICE})(), isWide: ({SCROLLS_SIDEWAYS})(),
}})"""


def look(page: Page, name: str, *, whole: bool = False, rules: bool = True, at: str = "") -> None:
    """The state `name` of the phone or of a page: whole in every window, and nothing that axe finds.

    What begins and ends calls has to be on the screen without scrolling; with `whole`, all that is pressed on
    the handset. `rules=False`: of a page of which axe has looked at the like. `at`: what pictures show.
    """
    before = page.viewport_size
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        for _ in range(ROUNDS):
            if not (faults := find_amiss(page, whole=whole)):
                break
            page.evaluate(SETTLE)
        else:
            complain(f"{name}, {width} × {height}: {faults}")
        take_picture(page, name, f"{width}x{height}", at)
    if rules:
        found = [fault for fault in find_faults(page) if not fault.startswith(CALLS_ALIKE)]
        if found:
            complain(f"{name}: " + "\n".join(found))
    for kind, media in MEDIA.items():
        if not rules and not PICTURES:
            break
        page.emulate_media(**media)
        page.evaluate(SETTLE)
        take_picture(page, name, kind, at)
        # Colours that the system forces are its own, and axe does not see them.
        amiss = find_faults(page, *BY_COLOUR) if kind == "night" else find_amiss(page, whole=whole)
        if amiss:
            complain(f"{name}, {kind}: {amiss}")
    page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="no-preference")
    page.evaluate(SETTLE)
    assert before is not None
    page.set_viewport_size(before)


# At night it has other colours, and all else is the same.
MEDIA: dict[str, Any] = {
    "night": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active", "reduced_motion": "reduce"},
}


def find_amiss(page: Page, *, whole: bool) -> dict[str, Any]:
    page.evaluate("scrollTo(0, 0)")
    found = page.evaluate(LOOK)
    found["outside"] = [one for one in found["outside"] if whole or one.strip() in NEVER_AWAY]
    return {what: seen for what, seen in found.items() if seen}


def complain(words: str) -> None:
    """Where pictures are taken, all of them are, and what is amiss stands beside them."""
    if not PICTURES:
        raise AssertionError(words)
    with (Path(PICTURES) / "amiss.txt").open("a") as file:
        file.write(f"{words}\n")


def take_picture(page: Page, name: str, kind: str, at: str = "") -> None:
    if PICTURES:
        if at:
            page.locator(at).evaluate("(one) => one.scrollIntoView({ block: 'center' })")
        place = Path(PICTURES) / name.replace(" ", "-")
        place.mkdir(parents=True, exist_ok=True)
        # Hiding the caret would put a style into the page, which its policy forbids.
        page.screenshot(path=str(place / f"{kind}.png"), caret="initial")


def expect_for_everybody(page: Page) -> None:
    look(page, os.environ.get("PYTEST_CURRENT_TEST", "page").split("::")[-1].split(" ")[0][:60])
