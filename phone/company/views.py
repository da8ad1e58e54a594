"""`/accounts/people/`: who has a phone on the connection, and what is decided about them.

The owner decides; everybody else of the company sees who is there, and whose it is. Whatever is posted is
decided anew under the account's lock (`accounts/company/deciding.py`): a button of an old page does nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clients import ClientInfo, get_client_info
from accounts.company import deciding
from accounts.company.invitations import CannotInvite, Invitation, invite, send_anew, take_back
from accounts.company.memberships import Membership, NotDone, RefusedMember, get_membership
from accounts.entrance.asking_again import ask_again, is_to_be_asked
from accounts.entrance.limits import describe_wait
from accounts.people import User, get_user
from accounts.toasts import say_done
from accounts.twilio.credentials import PhoneNumber
from phone.colleagues.seeing import Seen, see_members
from phone.company.forms import InviteForm, MemberForm


@dataclass
class Line:
    """One member, as the page shows them. `form`: what they may do, for the owner to change."""

    member: Membership
    seen: Seen | None
    form: MemberForm | None = None


@require_safe
def people(request: HttpRequest) -> TemplateResponse:
    return show_people(request, get_own(request))


def get_own(request: HttpRequest) -> Membership:
    membership = get_membership(get_user(request))
    if membership is None:
        raise Http404
    return membership


def get_owned(request: HttpRequest) -> Membership:
    """The person's own membership, as the owner of a company. 404 for everybody else."""
    membership = get_own(request)
    if not membership.is_owner:
        raise Http404
    return membership


def show_people(
    request: HttpRequest,
    own: Membership,
    *,
    invite_form: InviteForm | None = None,
    refused: MemberForm | None = None,
    refused_of: Any = None,
) -> TemplateResponse:
    """The pane, with a form that was refused in place of what is stored."""
    lines = list_lines(own, refused, refused_of)
    context: dict[str, Any] = {
        "title": _("People"),
        "link": "colleagues",
        "own": own,
        "owner": next((line.member for line in lines if line.member.is_owner), None),
        "lines": [line for line in lines if line.member.asked_at is None],
        "asking": [line for line in lines if line.member.asked_at is not None],
    }
    if own.is_owner:
        waiting = Invitation.objects.waiting().filter(account=own.account_id)
        context |= {
            "invite_form": invite_form or InviteForm(),
            "invitations": waiting,
            "refusals": RefusedMember.objects.filter(account=own.account_id).select_related("user"),
        }
    status = 422 if (invite_form and invite_form.errors) or refused else 200
    return TemplateResponse(request, "company/people.html", context, status=status)


def list_lines(own: Membership, refused: MemberForm | None, refused_of: Any) -> list[Line]:
    """The owner first. Of the rights of others, nobody but the owner is shown anything."""
    if own.account is None:
        return []
    members = Membership.objects.of_account(own.account_id).select_related("user", "credentials")
    seen = {one.pk: one for one in see_members(own.account)}
    lines = [Line(member, seen.get(member.user_id)) for member in members.prefetch_related("caller_ids")]
    if own.is_owner:
        numbers = list(PhoneNumber.objects.filter(account=own.account_id).order_by("kind", "phone_number"))
        for line in lines:
            member = line.member
            if not member.is_owner:
                chosen = {one.pk for one in member.caller_ids.all()}
                stored = MemberForm(None, member=member, numbers=numbers, chosen=chosen)
                line.form = refused if refused and member.pk == refused_of else stored
    return sorted(lines, key=sort_key)


def sort_key(line: Line) -> tuple[bool, str]:
    return not line.member.is_owner, line.member.user.display_name.casefold()


@require_POST
def invite_person(request: HttpRequest) -> HttpResponseBase:
    owner, form = get_owned(request), InviteForm(request.POST)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            invite(owner=owner, email=email, rights=form.rights, client=get_client_info(request))
        except CannotInvite as error:
            form.add_error("email", describe_refusal(error))
        else:
            say_done(request, _("An invitation is on its way to {email}.").format(email=email))
            return redirect("people")
    return show_people(request, owner, invite_form=form)


def describe_refusal(error: CannotInvite) -> str:
    if error.reason == "here":
        return _("This person has a phone here already.")
    wait = describe_wait(error.seconds)
    return _("Too many invitations were sent. Try again in {wait}.").format(wait=wait)


def find_invitation(request: HttpRequest, key: Any) -> tuple[Membership, Invitation]:
    owner = get_owned(request)
    waiting = Invitation.objects.waiting().filter(account=owner.account_id)
    return owner, get_object_or_404(waiting, pk=key)


@require_POST
def send_invitation(request: HttpRequest, key: Any) -> HttpResponse:
    owner, invitation = find_invitation(request, key)
    try:
        send_anew(owner=owner, invitation=invitation, client=get_client_info(request))
    except CannotInvite as error:
        messages.error(request, describe_refusal(error))
    else:
        words = _("A new invitation is on its way to {email}. The old link is good for nothing now.")
        say_done(request, words.format(email=invitation.email))
    return redirect("people")


@require_POST
def take_invitation_back(request: HttpRequest, key: Any) -> HttpResponse:
    owner, invitation = find_invitation(request, key)
    try:
        take_back(owner=owner, invitation=invitation, client=get_client_info(request))
    except NotDone:
        messages.error(request, say_gone())
    else:
        words = _("The invitation of {email} is taken back.")
        say_done(request, words.format(email=invitation.email))
    return redirect("people")


@require_POST
def change_rights(request: HttpRequest, key: Any) -> HttpResponseBase:
    owner = get_owned(request)
    member = get_object_or_404(Membership.objects.of_account(owner.account_id), pk=key)
    numbers = list(PhoneNumber.objects.filter(account=owner.account_id).order_by("kind", "phone_number"))
    form = MemberForm(request.POST, member=member, numbers=numbers, chosen=set())
    if not form.is_valid():
        return show_people(request, owner, refused=form, refused_of=member.pk)
    try:
        deciding.change_rights(
            owner=owner, key=key, rights=form.rights, numbers=form.chosen, client=get_client_info(request)
        )
    except NotDone:
        messages.error(request, say_gone())
    else:
        say_done(request, _("What {name} may do is saved.").format(name=member.user.display_name))
    return redirect("people")


def say_gone() -> str:
    return _("That is not how things are any more. This is how they are now.")


def decide(
    request: HttpRequest, key: Any, deed: Callable[..., User], words: str, *, to: str = "people"
) -> HttpResponse:
    """Does `deed` for the owner, and says `words` with the name of whom it is about."""
    owner = get_owned(request)
    client: ClientInfo = get_client_info(request)
    try:
        person = deed(owner=owner, key=key, client=client)
    except NotDone:
        messages.error(request, say_gone())
    else:
        say_done(request, words.format(name=person.display_name))
    return redirect(to)


@require_POST
def take_phone_away(request: HttpRequest, key: Any) -> HttpResponse:
    return decide(request, key, deciding.take_phone_away, _("{name} has no phone here any more."))


@require_POST
def hand_over(request: HttpRequest, key: Any) -> HttpResponse:
    if is_to_be_asked(request):
        return ask_again(request, back_to=reverse("people"))
    return decide(request, key, deciding.hand_over, _("{name} is the owner now."))


@require_POST
def accept(request: HttpRequest, key: Any) -> HttpResponse:
    return decide(request, key, deciding.accept, _("{name} is accepted."))


@require_POST
def refuse(request: HttpRequest, key: Any) -> HttpResponse:
    return decide(request, key, deciding.refuse, _("{name} is no colleague any more."))


@require_POST
def take_in_again(request: HttpRequest, key: int) -> HttpResponse:
    return decide(request, key, deciding.take_in_again, _("{name} may be a colleague again."))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    try:
        deciding.leave(member=get_own(request), client=get_client_info(request))
    except NotDone:
        messages.error(request, say_gone())
        return redirect("people")
    say_done(request, _("You have left the company. Your phone there has ended."))
    return redirect("connect_twilio")
