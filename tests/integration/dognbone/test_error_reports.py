import pytest
from django.test import RequestFactory
from django.views.debug import technical_500_response

from fake_twilio.store import make_secret

SECRET = make_secret("typed by somebody")


@pytest.mark.parametrize("debug", [True, False])
def test_an_error_page_names_fields_and_variables_but_shows_no_value(debug: bool, settings: object) -> None:
    settings.DEBUG = debug  # type: ignore[attr-defined]
    request = RequestFactory().post("/accounts/twilio/", {"auth_token": SECRET, "note": SECRET})
    request.META["HTTP_AUTHORIZATION"] = f"Basic {SECRET}"
    page = raise_and_report(request, SECRET)
    assert "typed_value" in page and "note" in page
    assert SECRET not in page


@pytest.mark.parametrize("debug", [True, False])
def test_nor_does_it_show_what_lets_somebody_in(debug: bool, settings: object) -> None:
    settings.DEBUG = debug  # type: ignore[attr-defined]
    address = f"/phone/webhooks/{SECRET}/voice/"
    request = RequestFactory().get(f"{address}?q={SECRET}", HTTP_REFERER=f"http://testserver{address}")
    request.COOKIES.update(sessionid=SECRET, csrftoken=SECRET, other=SECRET)
    request.META.update(HTTP_COOKIE=f"sessionid={SECRET}", HTTP_X_TWILIO_SIGNATURE=SECRET)
    for accept in ("text/html", "application/json"):
        request.META["HTTP_ACCEPT"] = accept
        assert SECRET not in raise_and_report(request, SECRET)


def raise_and_report(request: object, typed_value: str) -> str:
    try:
        raise RuntimeError(f"refused, auth_token={typed_value}") from ValueError(f"secret: {typed_value}")
    except RuntimeError as error:
        response = technical_500_response(request, type(error), error, error.__traceback__)
    return response.content.decode()
