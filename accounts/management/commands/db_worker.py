import logging
import threading
import time
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django_tasks_db.management.commands.db_worker import Command as PackagesCommand

from accounts.tasks.clock import run_clock
from accounts.tasks.settling import take_back_of

logger = logging.getLogger(__name__)

SECONDS_WITHOUT_DATABASE = 2


class Command(PackagesCommand):
    """django-tasks' own worker, with the clock beside it, and patience while the database is away."""

    help = "Does what need not be done inside a request, and what is due by the clock; until it is ended."

    def handle(self, **options: Any) -> None:
        stop = threading.Event()
        clock = threading.Thread(target=run_clock, args=[stop], name="clock", daemon=True)
        clock.start()
        try:
            self.work(options)
        finally:
            stop.set()
            clock.join(timeout=5)

    def work(self, options: dict[str, Any]) -> None:
        has_lost_database = False
        while True:
            try:
                if has_lost_database:
                    take_back_of(options["worker_id"])
                    has_lost_database = False
                return super().handle(**options)
            except (InterfaceError, OperationalError) as error:
                logger.error("The worker has lost the database: %s", type(error).__name__)
                has_lost_database = True
                connections.close_all()
                time.sleep(SECONDS_WITHOUT_DATABASE)
