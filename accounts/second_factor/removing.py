"""Taking somebody's second factor away, because it is lost: by staff, who see that there is one, no more."""

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from accounts.audit.admin_actions import record_admin_action
from accounts.audit.journal import AccountEvent, record_account_event
from accounts.people import User


@transaction.atomic
def remove_factors(request: HttpRequest, *, person: User, note: str) -> int:
    """All of the person's, with their recovery codes; how many. It is kept, and they are told by a letter."""
    factors = Authenticator.objects.select_for_update().filter(user_id=person.pk)
    kinds = sorted(factor.type for factor in factors)
    if not kinds:
        return 0
    factors.delete()
    record_admin_action(
        request, action="reset_factor", target=person, count=len(kinds), note=note, detail={"kinds": kinds}
    )
    record_account_event(kind=AccountEvent.Kind.FACTOR_REMOVED, user=person)
    address = {"factors_url": f"{settings.PUBLIC_URL}{reverse('mfa_index')}"}
    get_adapter(request).send_notification_mail("mfa/email/removed_by_staff", person, address)
    return len(kinds)
