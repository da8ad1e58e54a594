"""What a person types to connect Twilio."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.regions import Region
from accounts.sealing.fields import Secret
from accounts.translated import Words
from accounts.twilio.candidate import Candidate, put_in_place
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.pasted import Pasted, read_pasted
from accounts.twilio.shape import LABELS, may_be_shown


class SidInput(forms.TextInput):
    """Text that no browser should complete or correct; comes back with the page only if it is a SID."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        quiet = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        super().__init__({**quiet, **(attrs or {})})

    def format_value(self, value: Any) -> Any:
        typed = read_pasted(super().format_value(value) or "").value
        return typed if may_be_shown(typed) else None


class SecretInput(SidInput):
    """Never rendered with a value.

    Text, masked by the style sheet, rather than a password field: password managers would offer
    to keep it, and to fill it with the password to Dog n Bone.
    """

    def __init__(self) -> None:
        super().__init__({"class": "secret"})

    def format_value(self, value: Any) -> None:
        return None


class PastedField(forms.CharField):
    """Text without what clings to a pasted value.

    Takes anything: what is wrong with a shape is the verdict's to say, whatever it is.
    """

    widget: type[forms.Widget] = SidInput

    def __init__(self, label: Words, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, strip=False, **kwargs)
        self.validators.clear()

    def to_python(self, value: Any) -> str:
        return read_pasted(super().to_python(value) or "").value


class SecretField(PastedField):
    """The same, wrapped so that nothing shows it by mistake."""

    widget = SecretInput

    def clean(self, value: Any) -> Any:
        return Secret(super().clean(value))


class AnyChoiceField(forms.ChoiceField):
    """Offers its choices, and takes any other value, for `candidate.find_malformed` to judge."""

    def valid_value(self, value: Any) -> bool:
        return True


class PastedForm(forms.Form):
    """A form of pasted values, which says what was left out of them."""

    @property
    def notes(self) -> list[str]:
        """What was tidied without asking, in sentences."""
        return [
            note
            for name, form_field in self.fields.items()
            if isinstance(form_field, PastedField)
            for note in self._read(name).notes(LABELS[name])
        ]

    def _read(self, name: str) -> Pasted:
        return read_pasted(self.data.get(self.add_prefix(name)) or "")


class ConnectForm(PastedForm):
    """What a person typed. Every field takes anything, so the form is always valid."""

    account_sid = PastedField(LABELS["account_sid"])
    auth_token = SecretField(LABELS["auth_token"])
    api_key_sid = PastedField(LABELS["api_key_sid"])
    api_key_secret = SecretField(LABELS["api_key_secret"])
    twiml_app_sid = PastedField(LABELS["twiml_app_sid"])
    region = AnyChoiceField(
        label=LABELS["region"],
        choices=Region.choices,
        initial=Region.US1,
        required=False,
    )
    leaves_numbers = forms.BooleanField(label=_("Leave my phone numbers as they are"), required=False)

    @classmethod
    def for_credentials(cls, credentials: TwilioCredentials | None) -> "ConnectForm":
        """An empty form, or one with what may be shown of `credentials` and was typed by the person."""
        if credentials is None:
            return cls()
        return cls(
            initial={
                "account_sid": credentials.account.account_sid,
                "api_key_sid": "" if credentials.is_api_key_ours else credentials.api_key_sid,
                "twiml_app_sid": "" if credentials.is_twiml_app_ours else credentials.twiml_app_sid,
                "region": credentials.region,
                "leaves_numbers": credentials.leaves_numbers,
            }
        )

    @property
    def candidate(self) -> Candidate:
        """What was typed."""
        self.full_clean()
        typed = {name: self.cleaned_data[name] for name in LABELS}
        return Candidate(**{**typed, "region": typed["region"] or Region.US1})

    @classmethod
    def to_correct(cls, candidate: Candidate, *, leaves_numbers: bool) -> "ConnectForm":
        """What was typed and is no secret, each SID in the field that it belongs in."""
        return cls(initial={**put_in_place(candidate), "leaves_numbers": leaves_numbers})

    @property
    def has_rest(self) -> bool:
        """Whether there is anything in the fields beside the first two."""
        rest = (self[name].value() for name in ("api_key_sid", "api_key_secret", "twiml_app_sid"))
        return any(rest) or self["region"].value() not in (None, "", Region.US1)


class SecretForm(PastedForm):
    """One secret that was rotated, by the name of its field in ConnectForm."""

    def __init__(self, name: str, data: Any = None) -> None:
        super().__init__(data)
        self.name = name
        self.fields[name] = SecretField(LABELS[name])

    @property
    def secret(self) -> Secret:
        """What was typed; may be empty."""
        self.full_clean()
        typed: Secret = self.cleaned_data[self.name]
        return typed
