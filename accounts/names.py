"""What colleagues call a person, and the country whose numbers they type: the form and its page."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.countries import list_countries
from accounts.fragments import beside_the_phone, leave_for
from accounts.languages import find_language
from accounts.people import User, get_user, list_languages
from accounts.toasts import say_done
from accounts.translated import Words


class NameForm(forms.ModelForm):
    """What is not posted is left as it is."""

    class Meta:
        model = User
        fields = ("name", "home_country", "language")
        labels: ClassVar[dict[str, Words]] = {
            "name": _("Name"),
            "home_country": _("Home country"),
            "language": _("Language"),
        }
        help_texts: ClassVar[dict[str, Words]] = {
            "name": "",
            "home_country": _("A number that you type without its country code is one of this country."),
            "language": "",
        }

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in [one for one in self.fields if data and one not in data]:
            del self.fields[name]
        country = self.fields.get("home_country")
        if isinstance(country, forms.ChoiceField):
            country.choices = [("", _("As the number I call from")), *list_countries()]
        language = self.fields.get("language")
        if isinstance(language, forms.ChoiceField):
            language.choices = [("", _("As this browser asks for")), *list_languages()]


@never_cache
@beside_the_phone
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """What colleagues call this person, and which country's numbers they type."""
    form = NameForm(request.POST or None, instance=get_user(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        # It is read on the next page, perhaps in the language that was chosen just now.
        with translation.override(find_language(request)):
            say_done(request, gettext("This is saved."))
        # The phone speaks the new language once its page is opened anew.
        return leave_for(request, reverse("name")) if "language" in form.changed_data else redirect("name")
    status = 422 if form.errors else 200
    return render(request, "people/name.html", {"form": form}, status=status)
