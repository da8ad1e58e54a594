"""What a support report leaves out; `tests/js/page/support-report.test.js` asks the same of the page's."""

import pytest

from accounts.masking import mask_text

SID = "CA0123456789abcdef0123456789abcdef"
# Not a secret: it only has the shape of one.
SHAPED_LIKE_A_SECRET = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("said", "passed_on"),
    [
        (f"outgoing {SID}", "outgoing CA…cdef"),
        (f"call {SID.upper()}", "call CA…CDEF"),
        (f"secret={SHAPED_LIKE_A_SECRET}.", "secret=…."),
        ("token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJqdGkiOiJTSzAwMDAifQ.c2ln", "token …"),
        ("client:dnb_0123456789abcdef0123456789abcdef", "client:…"),
        ("to +442071838750 now", "to (number) now"),
        ("to +1 (202) 555-0123", "to (number)"),
        ("to 020 7183 8750", "to (number)"),
        ("of bob@example.com", "of …@…"),
        ("ConnectionError (53000): code 31202", "ConnectionError (53000): code 31202"),
        (
            "AccessTokenSignatureValidationFailed (31202)",
            "AccessTokenSignatureValidationFailed (31202)",
        ),
        ("register-timeout", "register-timeout"),
        ("", ""),
    ],
)
def test_what_must_not_be_passed_on_is_masked_and_the_rest_is_kept(said: str, passed_on: str) -> None:
    assert mask_text(said) == passed_on
