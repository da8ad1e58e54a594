"""A person's contacts, their own and their company's, as they leave in a file: a batch at a time."""

from collections.abc import Iterator

from accounts.outside import leave_database
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.contacts import Contact, FavouriteContact
from phone.contacts.exchange.writing import Exported
from phone.contacts.keeping import build_card

BATCH = 500


def list_exported(user: User, account: TwilioAccount) -> Iterator[Exported]:
    """All that the person sees, in the list's order; what is deleted meanwhile is left out."""
    visible = Contact.objects.visible_to(user, account)
    keys = list(visible.order_by("sort_name", "pk").values_list("pk", flat=True))
    starred = set(FavouriteContact.objects.filter(user=user).values_list("contact_id", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        found = visible.prefetch_related("numbers").in_bulk(batch)
        # Whoever reads slowly keeps no connection waiting meanwhile.
        leave_database()
        for key in batch:
            if contact := found.get(key):
                yield Exported(build_card(contact, is_favourite=key in starred), contact.is_shared)
