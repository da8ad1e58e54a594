"""What a browser is called, for the person whose it is: "Chrome on Windows".

It is kept as `describe_browser()` says it, in English, and told by `word_browser()` in the reader's language.
"""

from django.utils.translation import gettext_lazy as _

# In this order: most browsers name others, too, to be taken for them.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Safari/", "Safari"),
)
MACHINES = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)

NO_NAME, ON = "a browser", " on "
# Those that are called otherwise in other languages.
MACHINE_WORDS = {
    "an iPhone": _("an iPhone"),
    "an iPad": _("an iPad"),
    "a Chromebook": _("a Chromebook"),
    "a Mac": _("a Mac"),
}


def describe_browser(user_agent: str) -> str:
    """Empty where nothing in it is known."""
    browser = find(BROWSERS, user_agent)
    machine = find(MACHINES, user_agent)
    if not browser:
        return f"{NO_NAME}{ON}{machine}" if machine else ""
    return f"{browser}{ON}{machine}" if machine else browser


def word_browser(described: str) -> str:
    """What `describe_browser` has said, in the language that is spoken."""
    browser, on, machine = described.partition(ON)
    if not on:
        return described
    words = _("a browser on {machine}") if browser == NO_NAME else _("{browser} on {machine}")
    return str(words).format(browser=browser, machine=MACHINE_WORDS.get(machine, machine))


def find(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign in user_agent), "")
