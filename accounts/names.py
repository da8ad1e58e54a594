"""What colleagues call a person: the form and its page."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.people import User, get_user


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name",)
        labels: ClassVar[dict[str, str]] = {"name": "Name"}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """What colleagues call this person."""
    form = NameForm(request.POST or None, instance=get_user(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is saved.")
        return redirect("name")
    status = 422 if form.errors else 200
    return render(request, "people/name.html", {"form": form}, status=status)
