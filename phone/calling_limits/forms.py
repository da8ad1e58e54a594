"""What is typed of a company's limits, checked field by field. The countries are changed one by one."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.countries import list_countries
from accounts.translated import Words
from phone.calling_limits.calling_limits import FIELDS, CallingLimits
from phone.hours import DAY_NAMES, DAYS, LONGEST_HOURS, BadHours, list_time_zones, read_spans, write_spans

HOURS = (("always", _("At any time")), ("week", _("At these hours")))
WORKING_WEEK = [*["09:00-17:00"] * 5, "", ""]


class LimitsForm(forms.ModelForm):
    hours = forms.ChoiceField(label=_("Calls abroad may be made"), choices=HOURS)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("By which a day begins, and by which it is night.")
    )

    class Meta:
        model = CallingLimits
        fields = tuple(name for name in FIELDS if name not in ("countries", "week"))
        labels: ClassVar[dict[str, Words]] = {
            "allows_premium": _("Numbers that cost extra (such as 0900)"),
            "allows_shared_cost": _("Shared-cost and personal numbers"),
            "allows_satellite": _("Satellites and international networks"),
            "calls_at_once": _("Calls at once, of the company"),
            "calls_at_once_of_person": _("Calls at once, of one person"),
            "minutes": _("Minutes of one person in a day"),
            "minutes_abroad": _("Minutes abroad of one person in a day"),
            "new_numbers": _("New numbers of one person in a day"),
            "new_numbers_abroad": _("New numbers abroad of one person in a day"),
            "alarm_new_numbers": _("New numbers abroad of one person within an hour"),
            "stops_on_alarm": _("Stop calls abroad until they are allowed again"),
        }
        help_texts: ClassVar[dict[str, Words]] = {
            "minutes": _("One call may take half of what is left, and at least ten minutes."),
            "new_numbers": _("A number is new if nobody of the company has called it before."),
            "alarm_new_numbers": _("From so many on it looks like misuse."),
        }

    def __init__(self, data: Any = None, *, instance: CallingLimits) -> None:
        week = instance.week or WORKING_WEEK
        initial = {"hours": "week" if instance.week else "always", **dict(zip(DAYS, week, strict=True))}
        super().__init__(data, instance=instance, initial=initial)
        for day, name in zip(DAYS, DAY_NAMES, strict=True):
            widget = forms.TextInput(attrs={"autocomplete": "off"})
            self.fields[day] = forms.CharField(
                label=name, required=False, max_length=LONGEST_HOURS, widget=widget
            )
        zones = [
            ("", gettext("UTC, and no night")),
            *((one, one.replace("_", " ")) for one in list_time_zones()),
        ]
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[day] for day in DAYS]

    @property
    def wanted(self) -> dict[str, Any]:
        """What is to be stored, once the form is valid."""
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in FIELDS if name in cleaned}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        week = [self.read_day(day, cleaned.get(day, "")) for day in DAYS]
        cleaned["week"] = week if cleaned.get("hours") == "week" else []
        if cleaned["week"] and not any(week) and not self.errors:
            self.add_error(
                "hours", gettext("No day has any hours. Write them below, or choose “At any time”.")
            )
        return cleaned

    def read_day(self, name: str, text: str) -> str:
        try:
            return write_spans(read_spans(text))
        except BadHours as error:
            if self.data.get("hours") == "week":
                self.add_error(name, str(error))
            return ""


class StaffLimitsForm(LimitsForm):
    """The same for staff, with the countries as a list of codes."""

    countries = forms.CharField(
        label=_("Countries beside the home countries"),
        required=False,
        max_length=2000,
        help_text=_("By their codes of two letters, such as CH DE FR."),
    )

    def __init__(self, data: Any = None, *, instance: CallingLimits) -> None:
        super().__init__(data, instance=instance)
        self.initial["countries"] = " ".join(instance.countries)

    def clean_countries(self) -> list[str]:
        codes = re.findall(r"\w+", self.cleaned_data["countries"].upper())
        known = dict(list_countries())
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise ValidationError(gettext("No country has the code {code}.").format(code=unknown[0]))
        return sorted(set(codes))
