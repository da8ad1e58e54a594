"""What an owner types: whom to invite, and what a member may do."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.company.invitations import Rights
from accounts.company.memberships import Membership
from accounts.entrance.addresses import AddressField
from accounts.twilio.credentials import PhoneNumber


class RightsForm(forms.Form):
    """What somebody may do. Switches that are not posted are off."""

    may_call_out = forms.BooleanField(label=_("May call numbers"), required=False)
    may_call_abroad = forms.BooleanField(label=_("May call abroad"), required=False)
    may_hear_recordings = forms.BooleanField(label=_("May hear recordings of their calls"), required=False)

    @property
    def rights(self) -> Rights:
        """Once it is valid."""
        return Rights(**{name: self.cleaned_data[name] for name in Rights.__dataclass_fields__})


class InviteForm(RightsForm):
    email = AddressField(label=_("E-mail address"))
    field_order = ("email",)

    def __init__(self, data: QueryDict | None = None) -> None:
        # An id of its own: a member's rights stand on the same page.
        super().__init__(data, auto_id="invite_%s", initial=vars(Rights()))
        # It says what the label says.
        self.fields["email"].widget.attrs.pop("placeholder", None)


class MemberForm(RightsForm):
    """A member's rights, with the numbers that they may call from."""

    which_numbers = forms.ChoiceField(
        label=_("Calls from"),
        choices=[("any", _("Any of the numbers")), ("chosen", _("Only those chosen here"))],
    )
    numbers = forms.ModelMultipleChoiceField(
        label=_("Numbers"),
        queryset=PhoneNumber.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: QueryDict | None, *, member: Membership, numbers: Sequence[PhoneNumber], chosen: set[int]
    ) -> None:
        initial: dict[str, Any] = {name: getattr(member, name) for name in Rights.__dataclass_fields__}
        initial["which_numbers"] = "any" if member.may_show_any_number else "chosen"
        initial["numbers"] = chosen
        super().__init__(data, auto_id=f"member_{member.pk}_%s", initial=initial)
        field = self.fields["numbers"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = PhoneNumber.objects.filter(account=member.account_id)
            field.choices = [(one.pk, one.phone_number) for one in numbers]

    @property
    def chosen(self) -> list[PhoneNumber] | None:
        """The numbers that the member may call from, or None for any of them. Once it is valid."""
        if self.cleaned_data["which_numbers"] == "any":
            return None
        return list(self.cleaned_data["numbers"])
