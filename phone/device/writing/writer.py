"""Gathers what the pages of an event loop say, and has it written together; each is answered after that.

While one lot is on its way to the database the next one gathers, so that the busier it is the more goes with
one transaction. What cannot be written with the others, because something is wrong with it or somebody else
holds a row that it needs, is written apart: its person's alone, one word after the other, and nobody waits
for it.
"""

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from weakref import WeakKeyDictionary

from phone.device.threads import in_database_thread, run
from phone.device.told import is_written_apart
from phone.device.writing.words import Outcome, Word, record_words

logger = logging.getLogger(__name__)

# One lot after the other. A thread of its own, so that it waits for none of the others' work.
THREADS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device-writer")
# How long a lot gathers, and how many words go with one transaction.
GATHER_SECONDS = 0.004
MOST_TOGETHER = 500


class Writer:
    """One event loop's, which alone uses it. What it has taken it writes, for as long as its loop runs."""

    def __init__(self) -> None:
        self.waiting: deque[Word] = deque()
        self.task: asyncio.Task[None] | None = None
        # By their persons' keys, what is written apart: whatever else they say comes after it.
        self.apart: dict[int, deque[Word]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def put(self, word: Word) -> "asyncio.Future[Outcome]":
        """What becomes of a word once it is committed; raises what kept it from being written."""
        loop = asyncio.get_running_loop()
        word.written = loop.create_future()
        word.page.waiting += 1
        self.waiting.append(word)
        if self.task is None:
            self.task = loop.create_task(self.write(), context=Context())
        return word.written

    async def write(self) -> None:
        """Until nothing waits."""
        try:
            while self.waiting:
                if len(self.waiting) < MOST_TOGETHER:
                    await asyncio.sleep(GATHER_SECONDS)
                together, apart = self.take()
                if together:
                    await self.write_together(together, apart)
                for person, words in apart.items():
                    self.begin_apart(person, words)
        finally:
            self.task = None

    def take(self) -> tuple[list[Word], dict[int, deque[Word]]]:
        """What goes together next, and what is to be written apart after that."""
        together: list[Word] = []
        apart: dict[int, deque[Word]] = {}
        while self.waiting and len(together) < MOST_TOGETHER:
            word = self.waiting.popleft()
            person = word.page.user.pk
            if person in self.apart:
                self.apart[person].append(word)
            elif person in apart or (word.report is not None and is_written_apart(word.report)):
                apart.setdefault(person, deque()).append(word)
            else:
                together.append(word)
        return together, apart

    async def write_together(self, words: list[Word], apart: dict[int, deque[Word]]) -> None:
        """Answers them; where they cannot be written together, they are to be written apart."""
        try:
            outcomes = await run(THREADS, record_words, words, may_wait=False)
        except Exception as error:
            logger.warning("What pages said is written one by one: %s", type(error).__name__)
            first: dict[int, deque[Word]] = {}
            for word in words:
                first.setdefault(word.page.user.pk, deque()).append(word)
            for person, theirs in first.items():
                theirs.extend(apart.pop(person, ()))
                apart[person] = theirs
            return
        for word, outcome in zip(words, outcomes, strict=True):
            answer(word, outcome)

    def begin_apart(self, person: int, words: deque[Word]) -> None:
        self.apart[person] = words
        task = asyncio.create_task(self.write_apart(person), context=Context())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def write_apart(self, person: int) -> None:
        """A person's words, each by itself, until none is left."""
        words = self.apart[person]
        try:
            while words:
                word = words.popleft()
                writing = asyncio.create_task(
                    in_database_thread(record_words, [word]), context=word.page.context
                )
                try:
                    [outcome] = await writing
                except Exception as error:
                    fail(word, error)
                else:
                    answer(word, outcome)
        finally:
            del self.apart[person]


def answer(word: Word, outcome: Outcome) -> None:
    page = word.page
    page.waiting -= 1
    if outcome.known is not None:
        page.known = outcome.known
    if word.written is not None and not word.written.done():
        word.written.set_result(outcome)


def fail(word: Word, error: Exception) -> None:
    word.page.waiting -= 1
    # Nothing is known of a page whose word may or may not have been written.
    word.page.known = None
    if word.written is not None and not word.written.done():
        word.written.set_exception(error)


_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, Writer] = WeakKeyDictionary()


def get_writer() -> Writer:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    if (writer := _writers.get(loop)) is None:
        writer = _writers[loop] = Writer()
    return writer
