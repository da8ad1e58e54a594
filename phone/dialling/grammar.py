"""Where in plain text the number stands, and what is dialled after the answer."""

import re
from dataclasses import dataclass
from itertools import pairwise

from phone.dialling.numbering import Digits

SEPARATORS = r"[ .()\[\]\-_/\\\n]"
CHUNK = re.compile(rf"(?:[(\[] *)?(?:\+[ (\[]*)?(?:[(\[] *)?\d(?:{SEPARATORS}*\d)*[)\]]?")
# As people write it in English, French, German, Italian, Polish, Portuguese, Russian, Spanish, Dutch,
# Swedish, Turkish, Ukrainian, Chinese, Japanese and Korean.
EXTENSION_WORDS = (
    r"extension|extensi[oó]n|extn|ext|ex|xtn|xt|x|poste|durchwahl|dw|apparat|app|klappe|kl|"
    r"interno|int|wewn|wew|ramal|доб|anexo|toestel|tst|anknytning|ankn|dahili|внутр|вн|"
    r"内线|內線|内線|分机|分機|转|轉|내선"
)
EXTENSION = re.compile(
    rf"[\s,;(\[\-]*(?:(?:{EXTENSION_WORDS})\.?(?: *n[or]\.)?[ :#.=\-]*|[#*~×] *)"
    r"(\d{1,20}(?: *[#*]+)?)[)\]]?",
    re.IGNORECASE,
)
# A pause (`,` or `p`), or waiting for the person (`;` or `w`), which is a pause here.
PAUSED = re.compile(r" *(?:[,;]+|[pPwW]+(?=[\d*#,;])) *[\d*#][\d*#,;pPwW]*(?: *[,;]+ *[\d*#][\d*#,;pPwW]*)*")
STRONG_SEPARATOR = re.compile(r"[/\\\n]")
LOOK_ALIKES = frozenset("OoIlL")
KEYS = ("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ")
DIGIT_OF = {letter: str(digit) for digit, letters in enumerate(KEYS, 2) for letter in letters}


@dataclass(frozen=True)
class Chunk:
    """Digits that stand together in `text`, from `start` to `end`."""

    text: str
    start: int
    end: int

    @property
    def written(self) -> str:
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        return self.text[: self.start]

    @property
    def behind(self) -> str:
        return self.text[self.end :]

    @property
    def is_glued_to_a_word(self) -> bool:
        """Whether a letter touches a digit, here or further on: then digits may be missing, as in O170."""
        touches_before = self.written[0] not in "+([" and self.before[-1:].isalpha()
        touches_behind = self.written[-1] not in ")]" and self.behind[:1].isalpha()
        return touches_before or touches_behind or has_touching_letter(self.behind)


def find_first_chunk(text: str) -> Chunk | None:
    found = CHUNK.search(text)
    return Chunk(text, found.start(), found.end()) if found else None


def read_digits(written: str) -> Digits:
    at = written.find("(0)")
    zero = len(re.findall(r"\d", written[:at])) if at > 0 else -1
    return Digits(written, tuple(re.findall(r"\d+", written)), "+" in written, zero)


def split_extension(chunk: Chunk) -> tuple[str, Chunk]:
    """What is dialled after the answer: digits, `*`, `#`, `,` for a pause; and the chunk up to its end."""
    text, end = chunk.text, chunk.end
    found = PAUSED.match(text, end)
    if found:
        after = re.sub(r"[;pPwW]", ",", found[0].replace(" ", ""))
    else:
        found = EXTENSION.match(text, end)
        after = f",{found[1].replace(' ', '')}" if found else ""
    return after, Chunk(text, chunk.start, found.end() if found else end)


def strip_end_of_dialling(chunk: Chunk) -> Chunk:
    """Without the # or * with which some phones end a number."""
    found = re.match(r" *[#*]+(?=$|[^\d#*])", chunk.behind)
    return Chunk(chunk.text, chunk.start, chunk.end + found.end()) if found else chunk


def list_vanity_readings(chunk: Chunk) -> list[tuple[str, Chunk]]:
    """The ways in which letters behind the digits may be digits, longest first: 1-800-FLOWERS."""
    found = re.match(r"(?:[ .()\[\]\-_]*[A-Za-z0-9]+)+", chunk.behind)
    if not found or not re.search(r"[A-Za-z]{3}", found[0]) or has_look_alike(chunk.written + found[0]):
        return []
    ends = [word.end() for word in re.finditer(r"[A-Za-z0-9]+", found[0])]
    readings = []
    for end in reversed(ends):
        letters = found[0][:end]
        if re.search(r"[A-Za-z]{3}", letters):
            digits = "".join(DIGIT_OF.get(letter, letter) for letter in letters.upper())
            readings.append((chunk.written + digits, Chunk(chunk.text, chunk.start, chunk.end + end)))
    return readings


def has_touching_letter(text: str) -> bool:
    return any(
        (one.isalpha() and other.isdigit()) or (one.isdigit() and other.isalpha())
        for one, other in pairwise(text)
    )


def has_look_alike(text: str) -> bool:
    """Whether an O or an l stands alone among digits, where a 0 or a 1 may be meant."""
    return any(set(word) <= LOOK_ALIKES for word in re.findall(r"[A-Za-z]+", text))
