"""The names behind a call's addresses: an identity is Twilio's word for a person, and nobody's name."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from accounts.masking import mask_phone_number
from accounts.people import User
from phone.calls.withheld import WITHHELD, WITHHELD_NAME, is_withheld

FORMER = _("a former person")
# `client:` and an identity; or one of ours alone, as it stands within a text.
IDENTITY = re.compile(r"\bclient:([A-Za-z0-9_]{1,121})|\b(dnb_[0-9a-f]{32})\b")

# Identities, and what their people are called.
Names = Mapping[str, str]


def get_names(texts: Iterable[str]) -> Names:
    """What the people are called whose identities stand in `texts`; one query at most."""
    identities = {one or other for text in texts for one, other in IDENTITY.findall(text)}
    if not identities:
        return {}
    people = User.objects.filter(identity__in=identities).only("identity", "name", "email")
    return {person.identity: person.display_name for person in people}


def put_names(text: str, names: Names) -> str:
    """`text` with a name in place of each identity, and "a former person" where there is nobody any more."""
    return IDENTITY.sub(lambda found: names.get(found[1] or found[2]) or str(FORMER), text)


def name_party(address: str, names: Names) -> str:
    """One end of a call as the admin shows it: a person's name, or a masked number."""
    named = put_names(address, names)
    return named if named != address else mask_phone_number(address)


def name_caller(address: str, names: Names) -> str:
    """The calling end: as `name_party`, or that it is withheld."""
    return WITHHELD if is_withheld(address) else name_party(address, names)


def name_person(address: str, names: Names) -> str:
    """What a person is told of one end of a call of theirs: a colleague's name, or the number itself."""
    return str(WITHHELD_NAME) if is_withheld(address) else put_names(address, names)
