"""Passwords that are guessed first, whoever they are of."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    "password",
    [
        "dognbone1",
        "Dog-n-Bone-2026!",
        "dog and bone",
        "softphone",
        "SOFTPHONE2026",
        "twilio123",
        "my-twilio-1",
        "password1",
    ],
)
def test_what_the_product_suggests_is_no_password(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "password_too_common" in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "my dog buried the phone",
        "twilio-under-the-apple-tree",
        "ñandú-über-früh",
        "!" * 64,
        "x-7" * 100,
    ],
)
def test_any_other_is_taken_of_whatever_letters_and_length(password: str) -> None:
    validate_password(password)
