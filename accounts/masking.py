"""Phone numbers as they are shown to those who need not know them."""

DIGITS_KEPT = 3


def mask_phone_number(address: str) -> str:
    """`+442071838750` as `+•••••••••750`; `client:…`, names and short codes as they are."""
    digits = address.removeprefix("+")
    if not digits.isdigit() or len(digits) <= 2 * DIGITS_KEPT:
        return address
    hidden = "•" * (len(digits) - DIGITS_KEPT)
    plus = "+" if address.startswith("+") else ""
    return f"{plus}{hidden}{digits[-DIGITS_KEPT:]}"
