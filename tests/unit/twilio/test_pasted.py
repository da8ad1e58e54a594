"""What comes along with a pasted value, and what is said of a value that is none."""

import unicodedata

import pytest

from accounts.twilio.pasted import is_invisible, read_pasted
from accounts.twilio.strays import MASKED, count, describe_places, describe_stray
from fake_twilio.store import make_secret, make_sid

AC, SK = make_sid("AC", "pasted"), make_sid("SK", "pasted")
TOKEN = make_secret("pasted")

INVISIBLE = [
    *"\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\u2063\u2066\u2069\ufeff\u00ad\u180e\u061c",
    *"\ufe0f\ufe00\U000e0100\U000e0041\x00\x07\x1b\x7f\x9f\u034f\u3164\u115f\u2800\ufff9",
]
LINES = [
    "TWILIO_ACCOUNT_SID={}",
    'export TWILIO_ACCOUNT_SID="{}"',
    "set TWILIO_AUTH_TOKEN={};",
    "$env:TWILIO_AUTH_TOKEN = '{}'",
    "twilio.auth.token: {}",
    '"accountSid": "{}",',
    "'auth_token' => '{}',",
    "const authToken = '{}';  // the live one",
    "Account SID: {}",
    "Account SID {}",
    "SID {}",
    "AUTH TOKEN\n{}",
    "Auth Token:\t{}",
    "({})",
    "<{}>",
    "• {}",
    "{},",
    "{};",
    "`{}`",
    "-e TWILIO_AUTH_TOKEN={}",
    "{} # primary",
    "{} ; from the console",
    "| {} |",
    "| Account SID | {} |",
    "「{}」",
    "アカウントSID：{}",
    "SID du compte\u00a0: {}",
    "<code>{}</code>",
    'sid="{}"/>',
    "https://api.twilio.com/2010-04-01/Accounts/{}.json",
    "[{}](https://console.twilio.com)",
    "Auth Token\r\n{}\r\nShow",
    "My SID is {}, the other one follows.",
    "{}.",
    "🔑{}",
    "Auth Token–{}",
]


@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("pattern", ["{0}{1}", "{1}{0}", "{2}{0}{3}", "{0}{2}{0}{0}{3}{0}"])
def test_what_nobody_can_see_is_left_out_wherever_it_is_and_that_is_said(character, pattern):
    pasted = read_pasted(pattern.format(character, TOKEN, TOKEN[:9], TOKEN[9:]))
    assert pasted.value == TOKEN
    assert any("nobody can see" in note and "Auth Token" in note for note in pasted.notes("Auth Token"))


def test_no_character_that_takes_a_place_on_the_screen_is_taken_for_an_invisible_one():
    seen = [chr(point) for point in range(0x20, 0x3000) if unicodedata.category(chr(point))[0] in "LNPSZ"]
    hidden = {character for character in seen if is_invisible(character)}
    assert hidden == {"\u115f", "\u1160", "\u2800"}
    assert not any(map(is_invisible, " \t\r\n\u00a0\u2003•"))


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("value", [AC, TOKEN], ids=["SID", "token"])
def test_the_one_whole_value_of_a_line_is_taken_out_and_that_is_said(line, value):
    pasted = read_pasted(line.format(value))
    assert pasted.value == value
    notes = pasted.notes("Auth Token")
    assert notes and not any(value in note for note in notes)


@pytest.mark.parametrize(
    "typed",
    [
        f"{AC} {AC}",
        f"{AC}:{TOKEN}",
        f"TWILIO_ACCOUNT_SID={AC}\nTWILIO_AUTH_TOKEN={TOKEN}",
        f"TWILIO_ACCOUNT_SID={AC[:-1]}",
        f"{TOKEN[:16]} {TOKEN[16:]}",
        f"abc-{TOKEN}",
        f"{TOKEN}-abc",
        f"{TOKEN}+/==",
        f"eyJhbGciOiJIUzI1NiJ9.{TOKEN}",
        f"{AC}, {TOKEN[:30]}",
        "\u0410\u0421" + AC[2:],
        f"{TOKEN}{TOKEN}",
        f"Auth Token {TOKEN}0",
    ],
)
def test_where_it_is_not_plain_which_value_is_meant_nothing_is_taken_out(typed):
    assert read_pasted(typed).value == typed


def test_a_value_as_it_should_be_is_left_as_it_is_and_nothing_is_said():
    assert read_pasted(TOKEN).value == TOKEN
    assert read_pasted(AC).notes("Account SID") == []


@pytest.mark.parametrize(
    "masked", ["•" * 32, "●" * 8, "*" * 32, "····", "AC12" + "•" * 26 + "9f0a", "∙∙∙∙", "＊＊＊", "•"]
)
def test_dots_in_place_of_a_value_are_called_that(masked):
    assert describe_stray(masked) == MASKED


def test_stars_in_what_may_be_a_secret_are_no_mask():
    assert describe_stray("Opaque***Secret" + "x" * 10, is_opaque=True) == ""
    assert describe_stray("*" * 32, is_opaque=True) == MASKED


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (f"{AC}:{TOKEN}", ("two values", "colon")),
        (f"TWILIO_ACCOUNT_SID={AC}TWILIO_AUTH_TOKEN={TOKEN}", ("two values",)),
        (f"Auth Token: {TOKEN[:-2]}", ("a name", "30 characters")),
        (f'"apiKeySecret": "{TOKEN[:5]}', ("a name", "5 characters")),
        (TOKEN[:16] + "\u00a0" + TOKEN[16:], ("space", "17th")),
        (TOKEN[:31] + "–", ("dash", "not plain ASCII", "32nd")),
        ("\u0410\u0421" + AC[2:], ("letter", "not plain ASCII", "1st")),
        (TOKEN[:20] + "\uff15", ("digit", "21st")),
    ],
)
def test_what_cannot_be_part_of_a_value_is_named_with_its_place(value, words):
    found = describe_stray(value)
    assert all(word in found for word in words), found
    assert TOKEN[:8] not in found


def test_a_typo_in_a_sid_is_named_by_its_character_and_its_place():
    typed = AC[:6] + "O" + AC[7:12] + "l" + AC[13:]
    found = describe_places(typed, "34 characters", begins_at=2, is_secret=False)
    assert "in the 7th place the letter O (perhaps the digit 0)" in found
    assert "in the 13th place the letter l (perhaps the digit 1)" in found


def test_of_a_typo_in_a_secret_only_the_place_is_named():
    found = describe_places(TOKEN[:6] + "O" + TOKEN[7:], "32 characters", begins_at=0, is_secret=True)
    assert found == "32 characters, but in the 7th place a letter, where only 0-9 and a-f can stand"


def test_of_many_typos_the_first_few_are_named():
    found = describe_places("zzzzzz", "6 characters", begins_at=0, is_secret=True)
    assert found.endswith("a letter, and 3 more, where only 0-9 and a-f can stand")


def test_places_are_counted_as_people_count():
    assert [count(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 32, 111)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "32nd", "111th")
    ]
