"""What is left of English on a page that is to be German, and what is not said politely there."""

import html
import re

# Words that German has not, and that hardly an English sentence does without.
ENGLISH = re.compile(
    r"\b(?:the|and|of|is|are|not|with|which|that|this|your|you|it|to|for|has|from|does|cannot|by|ago|at|its|or"
    r"|be|as|on|we|if|no|nothing|only|Nobody|Your|You|The|This|There|Twilio's|Twilio’s)\b"
)
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|content)="([^"]*)"')
# allauth's and Django's own German have it; the product says "Sie".
FAMILIAR = re.compile(r"\b(?:[Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich)\b")
UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
# Names that stay as they are.
NAMES = re.compile(
    r"Dog n Bone|Isle of Man|width=device-width, initial-scale=1, viewport-fit=cover"
    r"|\S+@example\.com|https?:\S*"
)


def find_english(page: str) -> list[str]:
    """Each line of `page`, or of a plain text, in which English words are seen or heard, or a "du"."""
    shown = UNSEEN.sub("", page)
    spoken = SPOKEN.findall(shown)
    lines = [*TAG.sub("\n", shown).splitlines(), *spoken]
    return [line.strip() for line in lines if is_wrong(NAMES.sub("", html.unescape(line)))]


def is_wrong(line: str) -> bool:
    return bool(ENGLISH.search(line) or FAMILIAR.search(line))
