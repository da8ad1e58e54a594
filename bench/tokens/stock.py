"""The peer: session, person, credentials, token, record, as a stock Django view under gunicorn does them."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

application = get_wsgi_application()

from accounts.people import get_user
from accounts.twilio.credentials import TwilioCredentials
from phone.tokens.issued_tokens import IssuedToken


@require_POST
@login_required
def token(request: HttpRequest) -> JsonResponse:
    user = get_user(request)
    credentials = TwilioCredentials.objects.select_related("account").get(memberships__user=user)
    now = datetime.now(UTC)
    minted = AccessToken(
        credentials.account.account_sid,
        credentials.api_key_sid,
        credentials.api_key_secret.reveal(),
        identity=user.identity,
        ttl=3600,
        grants=[VoiceGrant(incoming_allow=True, outgoing_application_sid=credentials.twiml_app_sid)],
    )
    jwt = minted.to_jwt()
    IssuedToken.objects.create(
        user=user,
        identity=user.identity,
        email=user.email,
        account_sid=credentials.account.account_sid,
        kind=IssuedToken.Kind.ACCESS,
        issued_at=now,
        expires_at=now + timedelta(hours=1),
    )
    return JsonResponse({"token": jwt, "identity": user.identity})


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("token/", token), path("bare/", bare)]
