"""One rehearsal: what happens, how the phone gets to feel it, what it then says."""

from dataclasses import dataclass
from typing import Literal

from accounts.verdicts.texts import TEXTS, VerdictText
from demo.causes import Cause, InBrowser, Nothing
from phone.causes.cause import build_cause

# How an open phone comes to feel it: it logs in anew, as after a reload; the gateway looks again at the
# tokens of its Devices; the gateway cuts their sockets; or the browser feels it by itself.
Nudge = Literal["login", "recheck", "drop", "none"]


@dataclass(frozen=True)
class Rehearsal:
    """`verdict` is what the phone comes to say; "ok" where it notices nothing, and is right not to.

    `text` is given where the verdict has words of its own for this.
    """

    slug: str
    title: str
    what: str
    verdict: str
    cause: Cause
    nudge: Nudge = "login"
    text: VerdictText | None = None

    @property
    def expected(self) -> str:
        if self.verdict == "ok":
            return "The phone stays ready"
        text = self.text or TEXTS[self.verdict]
        return text.title.format_map(text.defaults)

    @property
    def reach(self) -> str:
        return self.cause.reach

    @property
    def in_browser(self) -> str:
        """The part that this browser plays in it, or ""."""
        return self.cause.part if isinstance(self.cause, InBrowser) else ""


@dataclass(frozen=True)
class CallRehearsal(Rehearsal):
    """A call that ends for the cause `ends`, a slug of `phone/causes/texts.py`, closer by `variant`.

    `dials`: what is dialled; empty for a call that comes in. `facts`: what the words name. `cause` is what
    has to be put in place first, if anything has.
    """

    ends: str = ""
    variant: str = ""
    dials: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def expected(self) -> str:
        return build_cause(self.ends, self.variant, **dict(self.facts)).words

    @property
    def reach(self) -> str:
        return self.cause.reach if self.is_begun else "own"

    @property
    def is_begun(self) -> bool:
        """False where whoever dials needs nothing else."""
        return not isinstance(self.cause, Nothing)


@dataclass(frozen=True)
class Group:
    title: str
    rehearsals: tuple[Rehearsal, ...]
