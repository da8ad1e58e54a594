"""A file's bytes as text, whatever program wrote it on whichever machine. Pure.

Google writes UTF-8, once UTF-16; phones write UTF-8; Outlook and Excel write the code page that Windows has
in its country. None of them says which. Bytes that are no UTF-8 are of that page, by the person's country;
unless the text is so full of them that it is plainly of another script.
"""

import codecs
import io
from collections.abc import Iterator

from charset_normalizer import from_bytes

WESTERN = "cp1252"
# What Windows calls the "ANSI code page" of each country's language; elsewhere it is the western one.
# https://learn.microsoft.com/en-us/windows/win32/intl/code-page-identifiers
PAGES = {
    "cp1250": "AL BA CZ HR HU PL RO SI SK",
    "cp1251": "BG BY KG KZ MK MN RS RU TJ UA UZ",
    "cp1253": "CY GR",
    "cp1254": "AZ TR",
    "cp1255": "IL",
    "cp1256": "AE BH DZ EG IQ IR JO KW LB LY MA OM PK QA SA SY TN YE",
    "cp1257": "EE LT LV",
    "cp1258": "VN",
    "cp874": "TH",
    "cp932": "JP",
    "gb18030": "CN SG",
    "cp949": "KR",
    "cp950": "HK MO TW",
}
PAGE_OF_COUNTRY = {country: page for page, countries in PAGES.items() for country in countries.split()}
# UTF-32's begin as UTF-16's do, so they are looked for first.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 20_000
# Of a text in a Latin script fewer letters are beyond ASCII, of one in any other more.
MANY_HIGH_BYTES = 0.3


def unify(content: bytes) -> bytes:
    """The same without a byte order mark, with UTF-16 and UTF-32 turned into UTF-8, each line ended by LF."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            content = content[len(mark) :]
            if encoding != "utf-8":
                content = content.decode(encoding, "replace").encode("utf-8", "replace")
            break
    else:
        encoding = guess_wide(content[:SAMPLE]) or guess_mac(content)
        if encoding:
            content = content.decode(encoding, "replace").encode("utf-8", "replace")
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def guess_wide(sample: bytes) -> str:
    """Which UTF-16 it is that has no mark, by half of its bytes being zero; empty where it is none."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 4
    if most and odd > most and even < odd // 4:
        return "utf-16-le"
    if most and even > most and odd < even // 4:
        return "utf-16-be"
    return ""


def guess_mac(content: bytes) -> str:
    """The page of old programs on a Mac, and of Excel there, which alone end lines by CR."""
    if b"\n" in content or b"\r" not in content:
        return ""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "mac_roman"
    return ""


def choose_page(content: bytes, country: str) -> str:
    """The encoding of those bytes of `content` that are no UTF-8."""
    high = bytes(byte for byte in content[: SAMPLE * 10] if byte >= 0x80)[:SAMPLE]
    try:
        content.decode()
    except UnicodeDecodeError:
        pass
    else:
        return WESTERN
    page = PAGE_OF_COUNTRY.get(country, WESTERN)
    letters = sum(1 for byte in content[:SAMPLE] if 0x41 <= byte <= 0x7A) + 1
    if page == WESTERN and len(high) > MANY_HIGH_BYTES * letters:
        found = from_bytes(content[:SAMPLE], cp_isolation=[WESTERN, *PAGES]).best()
        return found.encoding if found else WESTERN
    return page


def decode(raw: bytes, page: str) -> str:
    """UTF-8 where it is that, else the page; what is neither is shown as such, never refused."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(page, "replace")


def decode_lines(content: bytes, page: str) -> Iterator[str]:
    """Line by line, because what was put together of several files may have several encodings."""
    for line in io.BytesIO(content):
        yield decode(line, page)
