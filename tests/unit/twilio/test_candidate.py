import pytest

from accounts.sealing.fields import Secret
from accounts.twilio.candidate import (
    Candidate,
    find_malformed,
    keep_stored_secrets,
    put_in_place,
    swap,
)
from accounts.twilio.pasted import read_pasted, trim
from accounts.twilio.shape import may_be_shown
from fake_twilio.store import make_secret, make_sid

AC, SK, AP, PN = (make_sid(prefix, "typed") for prefix in ("AC", "SK", "AP", "PN"))
TOKEN, KEY_SECRET = make_secret("token"), make_secret("key")
HEX = AC[2:]


def build(**fields: str) -> Candidate:
    typed = {"account_sid": AC, "auth_token": TOKEN, **fields}
    secrets = {name: Secret(typed.pop(name)) for name in ("auth_token", "api_key_secret") if name in typed}
    return Candidate(**typed, **secrets)


KEY = {"api_key_sid": SK, "api_key_secret": KEY_SECRET}

MISTAKES = {
    "key SID in the Account SID": (build(account_sid=SK), "account_sid", "an API key SID"),
    "app SID in the Account SID": (build(account_sid=AP), "account_sid", "a TwiML App SID"),
    "account SID in the key SID": (build(**{**KEY, "api_key_sid": AC}), "api_key_sid", "an Account SID"),
    "number SID in the app": (build(twiml_app_sid=PN), "twiml_app_sid", "a phone number's SID"),
    "key SID in the app": (build(twiml_app_sid=SK), "twiml_app_sid", "“API key SID”"),
    "app SID in the key SID": (build(**{**KEY, "api_key_sid": AP}), "api_key_sid", "“TwiML App SID”"),
    "account and token swapped": (build(account_sid=TOKEN, auth_token=AC), "account_sid", "swapped"),
    "token in the Account SID": (build(account_sid=TOKEN), "account_sid", "without a prefix"),
    "SID as token": (build(auth_token=SK), "auth_token", "an API key SID"),
    "SID as key secret": (build(**{**KEY, "api_key_secret": SK}), "api_key_secret", "an API key SID"),
    "account SID as key secret": (build(**{**KEY, "api_key_secret": AC}), "api_key_secret", "Account SID"),
    "token pasted twice": (build(**{**KEY, "api_key_secret": TOKEN}), "api_key_secret", "same value"),
    "short SID": (build(account_sid=AC[:-1]), "account_sid", "33 characters"),
    "SID two short": (build(account_sid=AC[:-2]), "account_sid", "32 characters, the first two being AC"),
    "long SID": (build(account_sid=AC + "0"), "account_sid", "35 characters"),
    "SID with a line end": (build(account_sid=AC + "\n"), "account_sid", "line end"),
    "SID with a letter that is no hex": (build(account_sid=AC[:-1] + "g"), "account_sid", "34 characters"),
    "SID in small letters": (build(account_sid=AC.lower()), "account_sid", "the first two being ac"),
    "two SIDs": (build(account_sid=f"{AC} {AC}"), "account_sid", "space"),
    "path in a SID": (build(twiml_app_sid="../Keys"), "twiml_app_sid", "7 characters"),
    "colon in a SID": (build(account_sid=f"{AC}:{TOKEN}"), "account_sid", "colon"),
    "short token": (build(auth_token=TOKEN[:-1]), "auth_token", "31 characters"),
    "typographic quotes": (build(auth_token=f"“{TOKEN}"), "auth_token", "quotation mark"),
    "dash in a token": (build(auth_token=TOKEN[:-1] + "–"), "auth_token", "not plain ASCII"),
    "umlaut in a key secret": (build(**{**KEY, "api_key_secret": "ü" * 32}), "api_key_secret", "ASCII"),
    "space in a key secret": (build(**{**KEY, "api_key_secret": "a b"}), "api_key_secret", "space"),
    "key's secret and key's SID swapped": (
        build(api_key_sid=KEY_SECRET, api_key_secret=SK),
        "api_key_sid",
        "“API key SID” and “API key secret” are swapped",
    ),
    "account and app swapped": (build(account_sid=AP, twiml_app_sid=AC), "account_sid", "swapped"),
    "token and key's secret swapped": (
        build(auth_token="Zz" + TOKEN[2:], api_key_sid=SK, api_key_secret=TOKEN),
        "auth_token",
        "swapped",
    ),
    "letter O in a SID": (build(account_sid=AC[:6] + "O" + AC[7:]), "account_sid", "7th place the letter O"),
    "letter in a token": (build(auth_token=TOKEN[:6] + "O" + TOKEN[7:]), "auth_token", "7th place a letter"),
    "token in the app with a typo": (
        build(twiml_app_sid=TOKEN[:6] + "O" + TOKEN[7:]),
        "twiml_app_sid",
        "7th place a letter",
    ),
    "masked token": (build(auth_token="•" * 32), "auth_token", "dots"),
    "line of a settings file": (build(account_sid=f"SID={AC[:-1]}"), "account_sid", "33 characters"),
    "part of a key's secret": (
        build(**{**KEY, "api_key_secret": KEY_SECRET[:8]}),
        "api_key_secret",
        "8 char",
    ),
    "no account": (build(account_sid=""), "account_sid", "nothing"),
    "neither token nor key": (build(auth_token=""), "auth_token", "nothing"),
    "key without its secret": (build(api_key_sid=SK), "api_key_secret", "nothing"),
    "secret without its key": (build(api_key_secret=KEY_SECRET), "api_key_sid", "nothing"),
    "no such region": (build(region="xx9"), "region", "xx9"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_field_and_what_was_seen(mistake):
    candidate, field, seen = MISTAKES[mistake]
    verdict = find_malformed(candidate)
    assert verdict is not None
    assert (verdict.code, verdict.field) == ("malformed", field)
    assert seen in verdict.explanation
    assert verdict.blames_credentials


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_mistake_is_named_by_repeating_a_secret(mistake):
    candidate, _, _ = MISTAKES[mistake]
    shown = str(find_malformed(candidate)) + repr(candidate)
    assert TOKEN not in str(find_malformed(candidate))
    for secret in (candidate.auth_token.reveal(), candidate.api_key_secret.reveal()):
        assert not secret or secret in (AC, SK) or secret not in shown


@pytest.mark.parametrize(
    "candidate",
    [
        build(),
        build(**KEY),
        build(auth_token="", **KEY),
        build(twiml_app_sid=AP, region="ie1", **KEY),
        build(**{**KEY, "api_key_secret": "Opaque-Secret:With.Marks'~" + "x" * 20}),
        build(account_sid="AC" + HEX.upper()),
    ],
)
def test_what_twilio_would_take_is_let_through(candidate):
    assert find_malformed(candidate) is None


@pytest.mark.parametrize(
    "pasted",
    [
        f" {TOKEN}",
        f"{TOKEN}\n",
        f'"{TOKEN}"',
        f"“{TOKEN}”",
        f"{TOKEN}\\n",
        f"\u200b{TOKEN}\u00a0",
        f"' {TOKEN} '",
    ],
    ids=["space", "line end", "quotes", "typographic quotes", "escape", "invisible", "quotes and spaces"],
)
def test_what_clings_to_a_pasted_value_is_trimmed(pasted):
    assert read_pasted(pasted).value == TOKEN


def test_trimming_leaves_the_middle_alone():
    assert trim(" a b ") == "a b"
    assert trim('"') == '"'


@pytest.mark.parametrize(
    "typed",
    [TOKEN, f"{AC}:{TOKEN}", "ac" + TOKEN[2:], "", "AC" + "0" * 60],
    ids=["token", "both in one", "token that begins like a SID", "nothing", "too long"],
)
def test_what_might_be_a_secret_in_the_wrong_field_is_not_shown_again(typed):
    assert not may_be_shown(typed)


@pytest.mark.parametrize("typed", [AC, AC[:-1], AC + "0", SK, AP])
def test_a_sid_with_a_slip_is_shown_again_to_be_corrected(typed):
    assert may_be_shown(typed)


def test_a_masked_value_is_told_how_to_be_shown():
    verdict = find_malformed(build(auth_token="•" * 32))
    assert verdict is not None and "“Show”" in verdict.remedy


@pytest.mark.parametrize(
    ("candidate", "shown"),
    [
        (build(account_sid=TOKEN, auth_token=AC), {"account_sid": AC}),
        (build(account_sid="", auth_token=AC), {"account_sid": AC}),
        (build(account_sid=SK, api_key_sid=AC), {"account_sid": AC, "api_key_sid": SK}),
        (build(auth_token=make_sid("AC", "another")), {"account_sid": AC}),
        (build(account_sid=AC[:-1]), {"account_sid": AC[:-1]}),
        (build(account_sid=PN), {"account_sid": PN}),
        (build(api_key_sid=KEY_SECRET, api_key_secret=SK), {"account_sid": AC, "api_key_sid": SK}),
        (build(account_sid=f"{AC}:{TOKEN}"), {}),
    ],
)
def test_what_is_no_secret_comes_back_where_it_belongs(candidate, shown):
    assert put_in_place(candidate) == {**shown, "region": "us1"}


def test_swapping_gives_each_field_the_others_value():
    meant = swap(build(account_sid=TOKEN, auth_token=AC), "account_sid", "auth_token")
    assert meant == build() and find_malformed(meant) is None


def test_a_secret_left_empty_stays_as_long_as_its_sid_stays():
    stored = build(**KEY)
    typed = build(auth_token="", api_key_sid=SK)
    kept = keep_stored_secrets(typed, stored)
    assert kept.auth_token.reveal() == TOKEN
    assert kept.api_key_secret.reveal() == KEY_SECRET


@pytest.mark.parametrize(
    "typed", [build(account_sid=make_sid("AC", "other"), auth_token=""), build(auth_token="", region="ie1")]
)
def test_no_stored_secret_is_sent_for_another_account_or_region(typed):
    assert keep_stored_secrets(typed, build(**KEY)) == typed


def test_a_stored_key_secret_is_not_joined_with_another_key():
    typed = build(api_key_sid=make_sid("SK", "other"))
    assert not keep_stored_secrets(typed, build(**KEY)).api_key_secret
