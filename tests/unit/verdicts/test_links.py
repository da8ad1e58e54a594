from accounts.verdicts.links import NAMES, name_link
from accounts.verdicts.texts import TEXTS
from accounts.verdicts.verdict import build_verdict


def test_every_page_that_a_verdict_leads_to_has_a_name_that_says_which_it_is():
    for code, text in TEXTS.items():
        assert not text.link or text.link in NAMES, code
        assert build_verdict(code).as_json()["link_name"] == name_link(text.link)
    assert len(set(NAMES.values())) == len(NAMES)
    assert all("Twilio" in name for name in NAMES.values())


def test_no_link_has_no_name_and_an_unknown_one_a_general_one():
    assert name_link("") == ""
    assert name_link("https://example.com/") == "More at Twilio"
