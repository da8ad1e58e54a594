"""Whether this process may serve yet: not before what the database holds has been judged."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections

from dognbone.checks import stop_on_errors

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 0.5


class Serving:
    """Everybody is turned away while `is_held_back`; a process without a lifespan never is."""

    is_held_back = False

    async def begin(self) -> None:
        """Judges what is stored, or holds the process back until it can be.

        Raises ImproperlyConfigured where it was judged, and found wrong.
        """
        try:
            await sync_to_async(check_database)()
        except Error as error:
            self.is_held_back = True
            logger.error(
                "The database is away: this process serves once it has seen the stored secrets and the "
                "audit trail's triggers. (%s)",
                " ".join(str(error).split()),
            )

    async def catch_up(self) -> None:
        """Judges what is stored as soon as the database is back; goes on until it is found right."""
        told = ""
        while self.is_held_back:
            await asyncio.sleep(AGAIN_SECONDS)
            try:
                await sync_to_async(check_database)()
            except ImproperlyConfigured as fault:
                if told != (told := str(fault)):
                    logger.critical("Everybody is turned away. %s", fault)
            except Error:
                continue
            else:
                self.is_held_back = False
                logger.warning("This process serves: what the database holds has been checked.")


def check_database() -> None:
    try:
        stop_on_errors(databases=["default"])
    finally:
        connections.close_all()


serving = Serving()
