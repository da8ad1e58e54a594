"""The page of a person's second factors; what is done there is allauth's."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator

from accounts.fragments import beside_the_phone
from accounts.people import get_user
from accounts.second_factor.requirement import find_factors, is_required_of


class Factors(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = get_user(self.request)
        codes = Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).first()
        has_factor = find_factors(person).exists()
        return {
            **super().get_context_data(**kwargs),
            "has_factor": has_factor,
            "is_required": is_required_of(person),
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            # allauth takes no factor before: who signed up with another's address could keep it from them.
            "is_unconfirmed": EmailAddress.objects.filter(user=person, verified=False).exists(),
        }


factors = beside_the_phone(Factors.as_view())
