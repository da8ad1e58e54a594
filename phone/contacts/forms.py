"""What is typed of a contact, checked field by field, its numbers row by row."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from phone.contacts.card import (
    EMAILS_AT_MOST,
    NAME_LENGTH,
    NOTE_LENGTH,
    NUMBERS_AT_MOST,
    CardNumber,
    ContactCard,
    Kind,
)
from phone.contacts.contacts import TYPED_LENGTH, Contact
from phone.contacts.keeping import LABELS, clean_line, clean_text, is_email
from phone.contacts.numbers import NumberReader
from phone.dialling.reasons import build_sentence
from phone.dialling.writing import format_number

KINDS = [(kind.value, LABELS[kind]) for kind in Kind]
SHOWN_LENGTH = 60


@dataclass
class Row:
    """One row of numbers: what stands in it, and why it is none."""

    typed: str = ""
    kind: str = Kind.MOBILE.value
    error: str = ""


class ContactForm(forms.Form):
    """A contact's fields. The numbers are rows of `number` and `kind`, as many as there are."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LENGTH)
    company = forms.CharField(label=gettext_lazy("Company"), max_length=NAME_LENGTH, required=False)
    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One on each line."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("Shared"),
        required=False,
        help_text=gettext_lazy(
            "Everybody who uses this connection sees it and can change it. It cannot be made private again."
        ),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    # Whether only its rows are more or fewer, and nothing is checked yet.
    is_bare = False

    def __init__(
        self, data: Any = None, *, contact: Contact | None, reader: NumberReader, initial: dict[str, Any]
    ) -> None:
        self.reader, self.contact = reader, contact
        known = build_initial(contact) if contact else {}
        super().__init__(data, initial={**known, **initial})
        if contact is not None and contact.is_shared:
            del self.fields["is_shared"]
        self.rows = read_rows(data) if data is not None else list_rows(contact, initial.get("number", ""))

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"], NAME_LENGTH)
        if not name:
            raise ValidationError(_("Type a name."))
        return name

    def clean_company(self) -> str:
        return clean_line(self.cleaned_data["company"], NAME_LENGTH)

    def clean_note(self) -> str:
        return clean_text(self.cleaned_data["note"])

    def clean_emails(self) -> list[str]:
        lines = self.cleaned_data["emails"].replace(",", "\n").replace(";", "\n").splitlines()
        emails = [email for line in lines if (email := clean_line(line, NOTE_LENGTH))]
        for email in emails:
            if not is_email(email):
                raise ValidationError(
                    _("“{email}” is no e-mail address, such as name@example.com.").format(email=show(email))
                )
        if len(emails) > EMAILS_AT_MOST:
            raise ValidationError(
                _("These are {count}; {most} are kept at most.").format(
                    count=len(emails), most=EMAILS_AT_MOST
                )
            )
        return emails

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.check_rows()
        if any(row.error for row in self.rows):
            self.add_error(None, _("Nothing is saved yet: look at the numbers that are marked below."))
        return cleaned

    def check_rows(self) -> None:
        filled = [row for row in self.rows if row.typed]
        for row in filled:
            reading = self.reader.read(row.typed)
            if reading.fault is not None:
                row.error = build_sentence(reading.fault, quote(row.typed))
            elif len(row.typed) > TYPED_LENGTH:
                row.error = _("This has {count} characters; a number has fewer than {most}.").format(
                    count=len(row.typed), most=TYPED_LENGTH
                )
        if len(filled) > NUMBERS_AT_MOST:
            filled[-1].error = _("A contact has {most} numbers at most; these are {count}.").format(
                most=NUMBERS_AT_MOST, count=len(filled)
            )

    def build_card(self) -> ContactCard:
        cleaned = self.cleaned_data
        return ContactCard(
            name=cleaned["name"],
            company=cleaned["company"],
            numbers=tuple(CardNumber(row.typed, Kind(row.kind)) for row in self.rows if row.typed),
            emails=tuple(cleaned["emails"]),
            note=cleaned["note"],
        )


def read_rows(data: Any) -> list[Row]:
    """As they were posted; a kind that there is none of counts as another number."""
    numbers, kinds = data.getlist("number"), data.getlist("kind")
    rows = []
    for at, typed in enumerate(numbers[: 2 * NUMBERS_AT_MOST]):
        kind = kinds[at] if at < len(kinds) and kinds[at] in LABELS else Kind.OTHER.value
        rows.append(Row(clean_line(typed, NOTE_LENGTH), kind))
    return rows or [Row()]


def list_rows(contact: Contact | None, number: str) -> list[Row]:
    """Of a contact; of a new one, one with the number that it is made for."""
    kept = contact.numbers.all() if contact else ()
    rows = [Row(format_typed(one.number, one.after), one.kind) for one in kept]
    if number:
        rows.append(Row(clean_line(number, TYPED_LENGTH)))
    return rows or [Row()]


def format_typed(number: str, after: str) -> str:
    """As it can be read again, wherever its reader is at home."""
    return format_number(number) + after


def build_initial(contact: Contact) -> dict[str, Any]:
    return {
        "name": contact.name,
        "company": contact.company,
        "emails": "\n".join(contact.emails),
        "note": contact.note,
        "seen": build_seen(contact),
    }


def build_seen(contact: Contact) -> str:
    """Which version of the contact a form shows: somebody else may change it meanwhile."""
    return contact.changed_at.isoformat()


def quote(text: str) -> str:
    """As words of somebody's within a sentence."""
    return pgettext("quotation", "“{text}”").format(text=show(text))


def show(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"
