"""The grade that MDN's HTTP Observatory would give, by its published rules, version 4 of them.

Source: `@mdn/mdn-http-observatory` 1.4.8, https://github.com/mdn/mdn-http-observatory. There `src/scan.js`
adds up, `src/grader/charts.js` has the grades and what each finding counts, `src/analyzer/tests/` finds.
Written anew, since that package brings 132 MB, and lists from the network, for ten questions about headers.
"""

import re
from dataclasses import dataclass, field
from http.cookies import Morsel
from urllib.parse import urlsplit

SIX_MONTHS = 15_552_000
EXTRA_CREDIT_FROM = 90
GRADES = (
    (100, "A+"),
    (90, "A"),
    (85, "A-"),
    (80, "B+"),
    (70, "B"),
    (65, "B-"),
    (60, "C+"),
    (50, "C"),
    (45, "C-"),
    (40, "D+"),
    (30, "D"),
    (25, "D-"),
    (0, "F"),
)
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
PASSIVE = ("img-src", "media-src")
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


@dataclass
class Answer:
    """One page over https: headers by their names in lower case, cookies with their attributes."""

    host: str
    headers: dict[str, str]
    cookies: list[Morsel[str]] = field(default_factory=list)
    html: str = ""
    # Where the same address leads over http, "" for nowhere; and what a page of another site may read.
    sent_on_to: str = ""
    allowed_origin: str = ""
    allows_credentials: bool = False


def grade(answer: Answer) -> tuple[str, int, dict[str, int]]:
    """Grade, score, and what each question counts."""
    counts = {
        "content-security-policy": count_csp(answer),
        "cookies": count_cookies(answer),
        "cross-origin-resource-sharing": -50
        if answer.allowed_origin not in ("", "*") and answer.allows_credentials
        else 0,
        "redirection": count_redirection(answer),
        "referrer-policy": count_referrer(answer),
        "strict-transport-security": count_hsts(answer),
        "subresource-integrity": count_scripts(answer),
        "x-content-type-options": 0
        if answer.headers.get("x-content-type-options", "").lower() == "nosniff"
        else -5,
        "x-frame-options": count_framing(answer),
        "cross-origin-resource-policy": count_corp(answer),
    }
    score = 100 + sum(count for count in counts.values() if count < 0)
    if score >= EXTRA_CREDIT_FROM:
        score = 100 + sum(counts.values())
    score = max(score, 0)
    return next(name for least, name in GRADES if score >= least), score, counts


def read_csp(answer: Answer) -> dict[str, set[str]] | None:
    """None for a policy that is none: a directive twice, or nothing."""
    policy: dict[str, set[str]] = {}
    for entry in answer.headers.get("content-security-policy", "").split(";"):
        name, *sources = entry.lower().split() or [""]
        if not name:
            continue
        if name in policy:
            return None
        policy[name] = set(sources) or ({"'none'"} if name.endswith("-src") else set())
    return policy or None


def count_csp(answer: Answer) -> int:
    policy = read_csp(answer)
    if policy is None:
        return -25
    default = policy.get("default-src", {"*"})
    scripts, objects, styles = (policy.get(f"{kind}-src", default) for kind in ("script", "object", "style"))
    insecure = re.compile(r"(http|ftp):")
    active = [
        one for name, sources in policy.items() if name not in (*PASSIVE, "script-src") for one in sources
    ]
    passive = [one for name in PASSIVE for one in policy.get(name, policy.get("default-src", ()))]
    if "'strict-dynamic'" in scripts and not any(one.startswith(("'sha", "'nonce-")) for one in scripts):
        return -25
    if scripts & (BROAD | INLINE) or objects & BROAD:
        return -20
    if any(insecure.match(one) for one in (*active, *scripts)):
        return -20
    if "'unsafe-eval'" in scripts | styles:
        return -10
    if any(insecure.match(one) for one in passive):
        return -10
    if styles & (BROAD | INLINE):
        return 0
    return 10 if policy.get("default-src") == {"'none'"} else 5


def count_cookies(answer: Answer) -> int:
    if not answer.cookies:
        return 0
    worst = 5
    is_protected = count_hsts(answer) >= 0
    for cookie in answer.cookies:
        name, same_site = cookie.key.lower(), cookie["samesite"].lower()
        is_session = "login" in name or "sess" in name
        findings = [
            (same_site not in ("", "lax", "strict", "none"), -20),
            (same_site == "none" and not cookie["secure"], -20),
            (not cookie["secure"], -5 if is_protected else -20),
            ("csrf" in name and not same_site, -20),
            (is_session and not cookie["secure"], -10 if is_protected else -40),
            (is_session and not cookie["httponly"], -30),
            (not same_site, 0),
        ]
        worst = min([worst, *(count for is_so, count in findings if is_so)])
    return worst


def count_redirection(answer: Answer) -> int:
    to = urlsplit(answer.sent_on_to)
    if not answer.sent_on_to or to.scheme != "https":
        return -20
    return 0 if to.hostname == answer.host else -5


def count_referrer(answer: Answer) -> int:
    value = answer.headers.get("referrer-policy")
    if value is None:
        return 0
    known = [one.strip() for one in value.lower().split(",")]
    return 5 if known[-1] in PRIVATE else -5


def count_hsts(answer: Answer) -> int:
    found = re.fullmatch(
        r"max-age=(\d+)(;\s*[a-z]+)*", answer.headers.get("strict-transport-security", "").lower()
    )
    if found is None:
        return -20
    return 0 if int(found[1]) >= SIX_MONTHS else -10


def count_scripts(answer: Answer) -> int:
    """5 only for scripts with `integrity`; ours stand on our own host, which counts nothing."""
    worst = 0
    for address in re.findall(r"<script\b[^>]*\bsrc=[\"']?([^\"'\s>]+)", answer.html):
        parts = urlsplit(address)
        if not parts.netloc or (parts.scheme and parts.hostname == answer.host):
            continue
        worst = min(worst, -5 if parts.scheme == "https" else -50)
    return worst


def count_framing(answer: Answer) -> int:
    if (read_csp(answer) or {}).get("frame-ancestors"):
        return 5
    return 0 if answer.headers.get("x-frame-options", "").lower() in ("deny", "sameorigin") else -20


def count_corp(answer: Answer) -> int:
    match answer.headers.get("cross-origin-resource-policy"):
        case "same-origin" | "same-site":
            return 10
        case None | "cross-origin":
            return 0
    return -5
