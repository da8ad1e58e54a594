"""Asks the database beside the scrape, which waits for it for three seconds and no longer."""

import logging
import threading
from concurrent.futures import Future

from django.db import Error, connections
from prometheus_client.core import Metric

from dognbone.metrics.stored import ask_database

logger = logging.getLogger(__name__)

# Prometheus itself gives up after ten, unless it is told otherwise.
PATIENCE_SECONDS = 3.0


class Asking:
    """Whoever asks while somebody's question is under way waits for the same answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Future[list[Metric] | None] | None = None

    def ask(self, seconds: float = PATIENCE_SECONDS) -> list[Metric] | None:
        """What the database knows; None where it does not say within `seconds`."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                threading.Thread(target=answer, args=(self._running,), name="metrics", daemon=True).start()
            running = self._running
        try:
            return running.result(seconds)
        except TimeoutError:
            return None


def answer(future: "Future[list[Metric] | None]") -> None:
    try:
        future.set_result(ask_database())
    except Error as error:
        logger.warning("The database could not be asked for its figures: %s", type(error).__name__)
        future.set_result(None)
    except BaseException as error:
        future.set_exception(error)
    finally:
        connections.close_all()


asking = Asking()
