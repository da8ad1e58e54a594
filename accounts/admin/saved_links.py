"""Saving the list that is shown under a name, and taking it away again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.saved_links import SavedLink


class SavedLinkForm(forms.ModelForm):
    class Meta:
        model = SavedLink
        fields = ("name", "address", "is_shared")

    def clean_address(self) -> str:
        """Only pages of this admin: a link that others click must not lead them elsewhere."""
        address = str(self.cleaned_data["address"])
        try:
            match = resolve(address.partition("?")[0])
        except Resolver404 as error:
            raise forms.ValidationError(gettext("There is no such page.")) from error
        if match.app_name != "admin":
            raise forms.ValidationError(gettext("Only pages of the admin can be saved."))
        return address


@require_POST
def save_link(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    form = SavedLinkForm(request.POST, instance=SavedLink(user=person))
    if not form.is_valid():
        messages.error(
            request,
            gettext("The list was not saved: {why}").format(
                why=" ".join(str(error[0]) for error in form.errors.values())
            ),
        )
        return redirect(reverse("admin:index"))
    link = form.save()
    messages.success(request, gettext("Saved as “{name}”.").format(name=link.name))
    return redirect(link.address)


@require_POST
def remove_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Only its owner removes a link."""
    link = get_object_or_404(SavedLink, pk=pk, user=request.user.pk)
    link.delete()
    return redirect(link.address)
