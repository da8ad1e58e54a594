"""What is typed on the settings pane, checked field by field."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.names import NameForm
from accounts.people import User
from accounts.translated import Words, quote_english
from accounts.twilio.credentials import PhoneNumber
from phone.answering.greetings import LONGEST_TEXT, Greeting
from phone.answering.plan import CLOSED, LEAST_SECONDS, MOST_SECONDS, NOBODY
from phone.answering.rules import NumberRules
from phone.answering.steps import MOST_CLIENTS
from phone.calling_limits.kinds import SPECIAL
from phone.calling_limits.permission import refuse_number
from phone.calls.languages import CHOICES
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import read
from phone.dialling.reasons import build_sentence
from phone.hours import (
    DAY_NAMES,
    DAYS,
    LONGEST_HOURS,
    BadHours,
    list_time_zones,
    read_spans,
    write_spans,
)

DEFAULT_COUNTRY = "US"
LONGEST_SENTENCE = 200
LONGEST_NUMBER = 80
# Limits that hold at whatever time a call is forwarded.
EVER = ("country", *SPECIAL)
HOURS = (("always", _("Always open")), ("week", _("Open at these hours")))


class GreetingForm(forms.ModelForm):
    """What callers hear before they leave a message, where nothing is recorded."""

    text = forms.CharField(
        label=_("Greeting"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read aloud before the tone. Empty: a standard one."),
    )

    class Meta:
        model = Greeting
        fields = ("text", "language")
        # "Language" is that of the page.
        labels: ClassVar[dict[str, Words]] = {"language": _("Read aloud in")}

    def clean_text(self) -> str:
        return tidy(self.cleaned_data["text"])


class HomeCountryForm(NameForm):
    """The country alone; the name has a page of its own."""

    class Meta(NameForm.Meta):
        fields = ("home_country",)  # type: ignore[assignment]


class LanguageForm(NameForm):
    """The language alone. It stands on one page with `GreetingForm`, which has a language, too."""

    class Meta(NameForm.Meta):
        fields = ("language",)  # type: ignore[assignment]

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="own_%s", **kwargs)


class NumberForm(forms.Form):
    """Who is rung by calls to one number, when, for how long, and what else becomes of them."""

    who = forms.ChoiceField(label=_("Who rings"), choices=NumberRules.Who.choices)
    people = forms.TypedMultipleChoiceField(
        label=_("People"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    order = forms.ChoiceField(label=_("In which order"), choices=NumberRules.Order.choices)
    seconds = forms.IntegerField(
        label=_("Seconds to ring"),
        min_value=LEAST_SECONDS,
        max_value=MOST_SECONDS,
        help_text=_("One after the other: for each of them. Many carriers give up after a minute or two."),
    )
    hours = forms.ChoiceField(label=_("Opening hours"), choices=HOURS)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    unanswered_then = forms.ChoiceField(label=_("When nobody answers"), choices=NumberRules.Then.choices)
    unanswered_number = forms.CharField(label=_("Number to call when nobody answers"), required=False)
    unanswered_sentence = forms.CharField(
        label=_("Sentence when nobody answers"),
        required=False,
        help_text=format_lazy(_("Empty: “{sentence}”"), sentence=quote_english(NOBODY)),
    )
    closed_then = forms.ChoiceField(label=_("When closed"), choices=NumberRules.Then.choices)
    closed_number = forms.CharField(label=_("Number to call when closed"), required=False)
    closed_sentence = forms.CharField(
        label=_("Sentence when closed"),
        required=False,
        help_text=format_lazy(_("Empty: “{sentence}”"), sentence=quote_english(CLOSED)),
    )
    greeting = forms.CharField(
        label=_("What callers hear before the tone"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Empty: the greeting of the first of those who are rung that has one."),
    )
    language = forms.ChoiceField(label=_("Language of these sentences"), choices=CHOICES)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, person: User, number: PhoneNumber, rules: NumberRules, members: list[User]
    ) -> None:
        self.person, self.number, self.rules = person, number, rules
        super().__init__(data, initial=None if data is not None else build_initial(rules))
        for day, name in zip(DAYS, DAY_NAMES, strict=True):
            self.fields[day] = build_day(name)
        self.choose("people", [(one.pk, one.display_name) for one in order_members(members, rules)])
        self.choose("time_zone", [(zone, zone.replace("_", " ")) for zone in list_time_zones()])

    def choose(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[day] for day in DAYS]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.check_people(cleaned)
        cleaned["week"] = self.read_week(cleaned)
        for when in ("unanswered", "closed"):
            self.check_fallback(when, cleaned)
        cleaned["greeting"] = tidy(cleaned.get("greeting", ""))
        return cleaned

    def check_people(self, cleaned: Mapping[str, Any]) -> None:
        people = cleaned.get("people", [])
        if cleaned.get("who") != NumberRules.Who.CHOSEN or "people" in self.errors:
            return
        if not people:
            self.add_error(
                "people", gettext("Nobody is chosen. Choose at least one, or let everybody be rung.")
            )
        if len(people) > MOST_CLIENTS:
            words = gettext("{count} people are chosen; a call rings {most} at most.")
            self.add_error("people", words.format(count=len(people), most=MOST_CLIENTS))

    def read_week(self, cleaned: Mapping[str, Any]) -> list[str]:
        if cleaned.get("hours") != "week":
            return []
        week = [self.read_day(day, cleaned.get(day, "")) for day in DAYS]
        if not any(week) and not self.errors:
            self.add_error(
                "hours", gettext("No day has any hours. Write them below, or choose “Always open”.")
            )
        return week

    def read_day(self, name: str, text: str) -> str:
        try:
            return write_spans(read_spans(text))
        except BadHours as error:
            self.add_error(name, str(error))
            return ""

    def check_fallback(self, when: str, cleaned: dict[str, Any]) -> None:
        sentence = tidy(cleaned.get(f"{when}_sentence", ""))
        if len(sentence) > LONGEST_SENTENCE:
            words = gettext("This is {count} characters long; {most} at most are read aloud.")
            self.add_error(f"{when}_sentence", words.format(count=len(sentence), most=LONGEST_SENTENCE))
        cleaned[f"{when}_sentence"] = sentence[:LONGEST_SENTENCE]
        typed = cleaned.get(f"{when}_number", "")
        if cleaned.get(f"{when}_then") == NumberRules.Then.NUMBER or typed.strip():
            try:
                cleaned[f"{when}_number"] = self.read_number(typed)
            except ValidationError as error:
                self.add_error(f"{when}_number", error)

    def read_number(self, typed: str) -> str:
        """The number in E.164, and what is dialled after the answer. Raises ValidationError."""
        country = get_country_of_e164(self.number.phone_number) or DEFAULT_COUNTRY
        found = read(typed, home=self.person.home_country or country, countries=[country])
        if not found.number:
            if found.fault is None:
                raise ValueError("A reading without a number has a fault")
            raise ValidationError(build_sentence(found.fault, f"“{show(typed)}”"))
        if PhoneNumber.objects.filter(
            account=self.number.account_id, phone_number=found.number, kind=PhoneNumber.Kind.OWNED
        ).exists():
            raise ValidationError(
                gettext("This is a number of this Twilio account: a call would go in circles.")
            )
        limited = refuse_number(self.number.account, found.number, person=None)
        if limited is not None and limited.reason in EVER:
            raise ValidationError(limited.words)
        if len(found.number + found.after) > LONGEST_NUMBER:
            raise ValidationError(gettext("What stands behind the number is too long to be dialled."))
        return found.number + (f",{found.after}" if found.after and found.after[0] != "," else found.after)


def build_day(name: Words) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=name, required=False, max_length=LONGEST_HOURS, widget=widget)


def show(typed: str) -> str:
    printable = "".join(letter for letter in typed if letter.isprintable())
    return printable if len(printable) <= 40 else printable[:39] + "…"


def tidy(text: str) -> str:
    """`text` as it is said: in one line, without what XML 1.0 cannot carry."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def order_members(members: list[User], rules: NumberRules) -> list[User]:
    """The chosen ones first, in their order."""
    chosen = rules.list_people() if rules.pk else []
    return [*chosen, *(one for one in members if one not in chosen)]


def build_initial(rules: NumberRules) -> dict[str, Any]:
    week = rules.week or ["09:00-17:00"] * 5 + ["", ""]
    return {
        "who": rules.who,
        "people": [one.pk for one in rules.list_people()] if rules.pk else [],
        "order": rules.order,
        "seconds": rules.seconds,
        "hours": "week" if rules.week else "always",
        "time_zone": rules.time_zone,
        **dict(zip(DAYS, week, strict=True)),
        **{
            f"{when}_{name}": getattr(rules, f"{when}_{name}")
            for when in ("unanswered", "closed")
            for name in ("then", "number", "sentence")
        },
        "greeting": rules.greeting,
        "language": rules.language,
        "seen": build_seen(rules),
    }


def build_seen(rules: NumberRules) -> str:
    """Which version of the rules a form shows: somebody else may change them meanwhile."""
    return rules.changed_at.isoformat() if rules.pk else ""
