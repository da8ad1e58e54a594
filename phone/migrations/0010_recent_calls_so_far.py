from django.db import migrations, transaction

from phone.recents.searching import build_searched

BATCH = 500


def list_calls_so_far(apps, schema_editor):
    """A row for each person who made or answered a call, or whose phone it rang, as the calls were kept so far.

    What was missed until now is no news. A batch at a time, so that no call waits longer than for one batch;
    where it was broken off it is begun anew, and leaves the rows alone that there are.
    """
    Call, RecentCall = apps.get_model("phone", "Call"), apps.get_model("phone", "RecentCall")
    User = apps.get_model("accounts", "User")
    people = {
        f"client:{identity}": (name or email.partition("@")[0].capitalize(), email)
        for identity, name, email in User.objects.values_list("identity", "name", "email")
    }
    calls = Call.objects.order_by("pk").prefetch_related("rung")
    last = None
    while True:
        with transaction.atomic():
            # Locked, because a server may be at work already, which makes the row of a call that changes.
            batch = list((calls.filter(pk__gt=last) if last else calls).select_for_update()[:BATCH])
            rows = [row for call in batch for row in build_rows(RecentCall, call, people)]
            RecentCall.objects.bulk_create(rows, ignore_conflicts=True)
        if not batch:
            return
        last = batch[-1].pk


def build_rows(RecentCall, call, people):
    is_over, is_taken = call.ended_at is not None, call.answered_at is not None
    for person in {call.user_id, *(one.pk for one in call.rung.all())} - {None}:
        is_own = call.direction == "outgoing" and call.user_id == person
        address = call.to_address if is_own else call.from_address
        our_number = "" if call.direction == "outgoing" else call.to_address
        is_elsewhere = is_taken and call.direction == "incoming" and call.user_id != person
        if not is_over and not is_elsewhere:
            cause = ""
        elif is_own and not is_taken:
            cause = CAUSES.get(call.status, "unclear")
        else:
            cause = "answered_elsewhere" if is_elsewhere else "answered" if is_taken else "missed"
        is_missed = not is_own and is_over and not is_taken
        name, email = people.get(address, ("Withheld number" if address == "withheld" else "", ""))
        yield RecentCall(
            user_id=person,
            call=call,
            direction="outgoing" if is_own else "incoming",
            address=address,
            name=name,
            our_number=our_number,
            started_at=call.started_at,
            answered_at=None if is_elsewhere else call.answered_at,
            ended_at=call.ended_at,
            cause=cause,
            is_missed=is_missed,
            seen_at=call.ended_at if is_missed else None,
            searched=build_searched(name=name, email=email, address=address, our_number=our_number, note=""),
        )


CAUSES = {"busy": "busy", "no-answer": "no_answer", "canceled": "canceled", "completed": "answered"}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("phone", "0009_voicemail_and_recordings"),
    ]

    operations = [
        migrations.RunPython(list_calls_so_far, migrations.RunPython.noop, elidable=True),
    ]
