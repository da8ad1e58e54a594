"""What a person types to connect Twilio."""

from typing import Any

from django import forms

from accounts.regions import Region
from accounts.sealing.fields import Secret
from accounts.twilio.candidate import LABELS, Candidate, may_be_shown, trim
from accounts.twilio.credentials import TwilioCredentials


class SidInput(forms.TextInput):
    """Text that no browser should complete or correct; comes back with the page only if it is a SID."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        quiet = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        super().__init__({**quiet, **(attrs or {})})

    def format_value(self, value: Any) -> Any:
        shown = super().format_value(value)
        return shown if shown and may_be_shown(trim(shown)) else None


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
    """Text without what clings to a pasted value; `was_trimmed` goes to the form's notes.

    Takes anything: what is wrong with a shape is the verdict's to say, whatever it is.
    """

    widget: type[forms.Widget] = SidInput

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, strip=False, **kwargs)
        self.validators.clear()

    def to_python(self, value: Any) -> str:
        return trim(super().to_python(value) or "")


class SecretField(PastedField):
    """The same, wrapped so that nothing shows it by mistake."""

    widget = SecretInput

    def clean(self, value: Any) -> Any:
        return Secret(super().clean(value))


class AnyChoiceField(forms.ChoiceField):
    """Offers its choices, and takes any other value, for `candidate.find_malformed` to judge."""

    def valid_value(self, value: Any) -> bool:
        return True


class ConnectForm(forms.Form):
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
            }
        )

    @property
    def candidate(self) -> Candidate:
        """What was typed."""
        self.full_clean()
        return Candidate(**{**self.cleaned_data, "region": self.cleaned_data["region"] or Region.US1})

    @property
    def notes(self) -> list[str]:
        """What was tidied without asking, in sentences."""
        return [
            f"What surrounded the {LABELS[name]} (spaces, quotation marks or a line end) was left out."
            for name, form_field in self.fields.items()
            if isinstance(form_field, PastedField) and self._was_trimmed(name)
        ]

    def _was_trimmed(self, name: str) -> bool:
        typed = self.data.get(self.add_prefix(name)) or ""
        return typed != trim(typed)


class SecretForm(forms.Form):
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
