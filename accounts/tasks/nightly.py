"""What is tidied every night that is of no subject: sessions that ended, tasks that are done."""

from django.core.management import call_command

from accounts.tasks.background import background

# How long a task's row is kept once it has ended: well, or for good without success.
DONE_DAYS, FAILED_DAYS = 3, 30


@background(tries=3)
def forget_ended_sessions() -> None:
    call_command("clearsessions")


@background(tries=3)
def forget_old_tasks() -> None:
    call_command(
        "prune_db_task_results",
        queue_name="*",
        min_age_days=DONE_DAYS,
        failed_min_age_days=FAILED_DAYS,
        verbosity=0,
    )
