"""What open pages are told: signed out, credentials changed."""

import uuid

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from accounts.push import push_to_user, session_group, user_group
from accounts.twilio.connection import disconnect_twilio
from tests.conftest import PASSWORD, signed_in
from tests.connections import connect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def layer_in_memory(settings):
    """So that a test can look into a page's channel; sockets are told over Redis in test_socket_*."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "dognbone.page_layer.PageLayer"}}


class Page:
    """An open page's end of the channel layer."""

    def __init__(self, group):
        self.layer = get_channel_layer()
        self.channel = f"test.{uuid.uuid4().hex}"
        async_to_sync(self.layer.group_add)(group, self.channel)

    def read(self):
        """The frames that have arrived."""
        frames = []
        queue = self.layer.channels.get(self.channel)
        while queue is not None and not queue.empty():
            _, message = queue.get_nowait()
            assert message["type"] == "push.frame"
            frames.append(message["frame"]["type"])
        return frames


def test_who_connects_or_removes_twilio_is_told_on_every_page(alice, bob, fake_twilio):
    hers, his = Page(user_group(alice.pk)), Page(user_group(bob.pk))
    connect(alice)
    assert hers.read() == ["credentials_changed"]
    disconnect_twilio(user=alice)
    assert hers.read() == ["credentials_changed"]
    assert his.read() == []


def test_a_failed_replacement_tells_nobody(alice, fake_twilio):
    connect(alice)
    page = Page(user_group(alice.pk))
    with pytest.raises(AssertionError):
        connect(alice, auth_token="0" * 32)
    assert page.read() == []


def test_signing_out_ends_that_sign_ins_pages_only(alice):
    here, elsewhere = signed_in(alice), signed_in(alice)
    pages = [Page(session_group(client.session.session_key)) for client in (here, elsewhere)]
    here.post("/accounts/logout/")
    assert [page.read() for page in pages] == [["signed_out"], []]


def test_a_new_password_ends_all_of_a_persons_pages(alice, bob):
    hers, his = Page(user_group(alice.pk)), Page(user_group(bob.pk))
    new = "an-entirely-new-one"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    signed_in(alice).post("/accounts/password/change/", typed)
    alice.refresh_from_db()
    assert alice.check_password(new)
    assert hers.read() == ["signed_out"]
    assert his.read() == []


def test_who_is_deactivated_is_signed_out(alice):
    page = Page(user_group(alice.pk))
    alice.refresh_from_db()
    alice.is_active = False
    alice.save()
    assert page.read() == ["signed_out"]


def test_any_other_change_of_a_person_signs_nobody_out(alice):
    page = Page(user_group(alice.pk))
    signed_in(alice).post("/accounts/name/", {"name": "Alice L."})
    alice.refresh_from_db()
    alice.save()
    assert page.read() == []


def test_nothing_is_sent_before_the_commit_nor_after_a_rollback(alice):
    page = Page(user_group(alice.pk))
    with transaction.atomic():
        push_to_user(alice.pk, {"type": "credentials_changed"})
        assert page.read() == []
    assert page.read() == ["credentials_changed"]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        push_to_user(alice.pk, {"type": "credentials_changed"})
        raise ZeroDivisionError
    assert page.read() == []


def test_a_group_says_nothing_about_the_session_and_is_a_valid_name(alice):
    key = signed_in(alice).session.session_key
    assert key not in session_group(key)
    get_channel_layer().require_valid_group_name(session_group(key))
    get_channel_layer().require_valid_group_name(user_group(alice.pk))
