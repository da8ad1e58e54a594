"""What the service said it had taken, and what became of it: everything that is counted in the end.

It knows no service: whoever asks tells what was answered, and in the end what the database holds.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

# Nobody waits longer for an answer, whatever is away, on a machine that has the time.
LONGEST_ANSWER_SECONDS = 10.0
SHOWN = 5

LOST, DOUBLED = "acknowledged events lost", "acknowledged events doubled"
TASKS_LOST, TASKS_TWICE = "tasks lost", "tasks done twice"
CUT = "calls in progress cut by us"
NOT_RECOVERED = "pages that did not recover"
HUNG = f"answers that hung over {LONGEST_ANSWER_SECONDS:.0f} s"
SILENT = "webhooks without TwiML or an apology"
NO_SIGN_IN = "sign-ins refused without Redis"
NOT_RESTORED = "differences after a restore"
BROKEN = "faults of the server's own"
COUNTED = (
    *(LOST, DOUBLED, TASKS_LOST, TASKS_TWICE, CUT, NOT_RECOVERED, HUNG, SILENT),
    *(NO_SIGN_IN, NOT_RESTORED, BROKEN),
)


@dataclass
class Ledger:
    """`findings` has what must not be, by its name in COUNTED; `told` counts all that was looked at."""

    findings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    told: Counter[str] = field(default_factory=Counter)
    # By how much longer everything takes on this machine now than if it did nothing else (`strain.py`).
    get_strain: Callable[[], float] = lambda: 1.0
    slowest: float = 0.0
    longest_recovery: float = 0.0
    acknowledged: dict[str, str] = field(default_factory=dict)
    # By address: how many letters were asked for, and how many of these were acknowledged.
    letters_asked: Counter[str] = field(default_factory=Counter)
    letters_acknowledged: Counter[str] = field(default_factory=Counter)
    # By their mark: how many contacts a file has; and which of the files were acknowledged.
    imports: dict[str, int] = field(default_factory=dict)
    imports_acknowledged: set[str] = field(default_factory=set)

    @property
    def is_whole(self) -> bool:
        return not any(self.findings.values())

    def find(self, what: str, details: str) -> None:
        if what not in COUNTED:
            raise ValueError(f"{what!r} is nothing that is counted")
        self.findings[what].append(f"{datetime.now():%H:%M:%S} {details}")

    # As it goes on

    def note_recorded(self, event_id: str, whose: str) -> None:
        """`recorded` has come for an event."""
        self.acknowledged[event_id] = whose
        self.told["events acknowledged"] = len(self.acknowledged)

    def note_answer(self, what: str, seconds: float) -> None:
        """Something was answered, or given up waiting for, after so long."""
        self.told["answers"] += 1
        self.slowest = max(self.slowest, seconds)
        strain = self.get_strain()
        if seconds > LONGEST_ANSWER_SECONDS * strain:
            self.find(
                HUNG, f"{what} took {seconds:.1f} s, the machine {strain:.1f} times as long for anything"
            )

    def note_webhook(self, path: str, status: int, text: str, error: str = "") -> None:
        """What Twilio would have been answered, where it asks what somebody hears; `status` 0 for nothing."""
        self.told["webhooks"] += 1
        is_twiml = status == 200 and "<Response" in text
        self.told["apologies"] += is_twiml and "We are sorry." in text
        if not is_twiml:
            self.find(SILENT, f"{path}: {status or error}")

    def note_sign_in_without_redis(self, who: str, status: int) -> None:
        self.told["sign-ins without Redis"] += 1
        if status != 302:
            self.find(NO_SIGN_IN, f"{who}: {status}")

    def note_recovery(self, seconds: float) -> None:
        """A page was without its socket for so long."""
        self.told["recoveries of pages"] += 1
        self.longest_recovery = max(self.longest_recovery, seconds)

    def ask_letter(self, address: str) -> None:
        self.letters_asked[address] += 1

    def acknowledge_letter(self, address: str) -> None:
        self.letters_acknowledged[address] += 1

    def ask_import(self, mark: str, contacts: int) -> None:
        self.imports[mark] = contacts

    def acknowledge_import(self, mark: str) -> None:
        self.imports_acknowledged.add(mark)

    # In the end

    def check_events(self, kept: Iterable[str]) -> None:
        """`kept`: the ids in the database, each as often as it is there."""
        times = Counter(kept)
        for event_id, whose in self.acknowledged.items():
            if not times[event_id]:
                self.find(LOST, f"{event_id} of {whose}")
        for event_id, count in times.items():
            if count > 1:
                self.find(DOUBLED, f"{event_id} is there {count} times")

    def check_letters(self, mails: Iterable[str]) -> None:
        """`mails`: what the mail server took, as it was written. The same Message-ID is the same letter."""
        arrived: dict[str, set[str]] = defaultdict(set)
        for mail in mails:
            arrived[read_header(mail, "To")].add(read_header(mail, "Message-ID"))
        for address, asked in self.letters_asked.items():
            self.told["tasks"] += asked
            count, wanted = len(arrived[address]), self.letters_acknowledged[address]
            if count < wanted:
                self.find(TASKS_LOST, f"{address} was promised {wanted} letters and has {count}")
            if count > asked:
                self.find(TASKS_TWICE, f"{address} asked for {asked} letters and has {count}")

    def check_imports(self, kept: Mapping[str, int]) -> None:
        """`kept`: how many contacts there are of each file, by its mark."""
        for mark, expected in self.imports.items():
            self.told["tasks"] += 1
            count = kept.get(mark, 0)
            if count > expected:
                self.find(TASKS_TWICE, f"the file {mark} had {expected} contacts, and {count} are there")
            elif count < expected and mark in self.imports_acknowledged:
                self.find(TASKS_LOST, f"the file {mark} had {expected} contacts, and {count} are there")

    def check_unended(self, tasks: Iterable[str]) -> None:
        """`tasks`: those that are asked for and were neither done nor given up."""
        for task in tasks:
            self.find(TASKS_LOST, f"{task} is not done")

    def check_calls(self, wanted: Mapping[str, str], statuses: Mapping[str, str]) -> list[str]:
        """The calls of `wanted` (by their SID, in words) that are not in progress by Twilio's list."""
        cut = [sid for sid in wanted if statuses.get(sid) != "in-progress"]
        for sid in cut:
            self.find(CUT, f"{wanted[sid]} {sid} is {statuses.get(sid, 'unknown')}")
        return cut

    def check_tables(self, whole: Mapping[str, str], restored: Mapping[str, str]) -> None:
        """What each table holds, as a sum, before a backup and after its restore."""
        self.told["tables restored"] = len(restored)
        if not whole:
            self.find(NOT_RESTORED, "nothing was backed up")
        for table in whole.keys() | restored.keys():
            if whole.get(table) != restored.get(table):
                self.find(NOT_RESTORED, f"{table}: {whole.get(table)} became {restored.get(table)}")

    def describe(self) -> str:
        """A line for each of COUNTED, the first of what it is made of, and what was looked at."""
        lines = []
        for what in COUNTED:
            found = self.findings.get(what, [])
            lines.append(f"{what:<42}{len(found):>6}")
            lines += [f"    {one}" for one in found[:SHOWN]]
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.told.items()))
        lines.append(f"looked at: {told}")
        lines.append(f"slowest answer {self.slowest:.1f} s, longest recovery {self.longest_recovery:.1f} s")
        return "\n".join(lines)

    def summarise(self, faults: int, seed: int) -> str:
        """All of it in one line."""
        counts = ", ".join(f"{what} {len(self.findings.get(what, []))}" for what in COUNTED)
        return f"soak: {faults} faults, seed {seed}: {counts}"


def read_header(mail: str, name: str) -> str:
    head = mail.partition("\n\n")[0]
    # A long header goes on in the next line, which begins with a space (RFC 5322, 2.2.3).
    unfolded = re.sub(r"\n[ \t]+", " ", head)
    found = re.search(rf"^{name}: *(.*)$", unfolded, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""
