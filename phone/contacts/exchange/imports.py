"""The tables of imports: a file that somebody has sent, and what has become of what is in it."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.exchange.problems import Problem, read_kept

MOST_BYTES = 25 * 1024 * 1024
FILE_NAME_LENGTH = 100
# Whoever has more bad lines than that reads a few of them, and mends the file.
MOST_PROBLEMS = 1000


class ContactImportQuerySet(models.QuerySet["ContactImport"]):
    def of(self, user: User) -> "ContactImportQuerySet":
        return self.filter(user=user)

    def newest(self) -> "ContactImportQuerySet":
        return self.order_by("-asked_at", "-id")


class ContactImport(models.Model):
    """One import: seen by the person who asked for it, and by nobody else.

    Contacts come in a batch at a time, and how many entries of the file are done is written with them:
    whoever goes on after a worker that died knows where.
    """

    kept_for = KeptFor("asked_at", days=30)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_imports", db_index=False
    )
    account = models.ForeignKey(TwilioAccount, on_delete=models.CASCADE, related_name="contact_imports")
    is_shared = models.BooleanField(help_text="Whether they become the company's contacts.")
    file_name = models.CharField(max_length=FILE_NAME_LENGTH)
    asked_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    expected = models.PositiveIntegerField(default=0, help_text="About how many entries the file has.")
    done = models.PositiveIntegerField(default=0, help_text="How many of its entries were looked at.")
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Of those that were there already.")
    noted = models.PositiveIntegerField(default=0, help_text="Of values that are in a note now.")
    left_out = models.PositiveIntegerField(default=0, help_text="Of entries that did not come in.")
    problem_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text="The first of them: line, name, what is wrong.")
    fault = models.CharField(max_length=400, blank=True, help_text="Why it ended before the file's end.")

    objects: ClassVar[ContactImportQuerySet] = ContactImportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index(fields=["user", "-asked_at"], name="import_of_person")]
        verbose_name = _("contact import")
        verbose_name_plural = _("contact imports")

    def __str__(self) -> str:
        # Nobody but its owner learns whom they know, not by the file's name either.
        return gettext("an import of contacts, {count} entries").format(count=self.done)

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def percent(self) -> int:
        """How far it is; what it is told from is a guess, so it is whole only once it is over."""
        if self.is_over:
            return 100
        return min(99, self.done * 100 // self.expected) if self.expected else 0

    @property
    def worded_problems(self) -> list[tuple[int, str, str]]:
        """The first of them: line, name, and what is wrong in words."""
        return [(line, name, read_kept(problem)) for line, name, problem in self.problems]

    @property
    def fault_words(self) -> str:
        return read_kept(self.fault) if self.fault else ""

    @property
    def problems_left_off(self) -> int:
        return self.problem_count - len(self.problems)


class ContactImportFile(models.Model):
    """The file itself, until the import is over."""

    contact_import = models.OneToOneField(ContactImport, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField()

    class Meta:
        verbose_name = _("contact import file")
        verbose_name_plural = _("contact import files")

    def __str__(self) -> str:
        return f"the file of {self.contact_import}"


def end_import(key: uuid.UUID, *, fault: Problem | None = None, **fields: Any) -> None:
    """Ends it, if nobody has, and lets go of the file."""
    with transaction.atomic():
        unended = ContactImport.objects.filter(pk=key, ended_at=None)
        unended.update(ended_at=timezone.now(), fault=fault.as_text() if fault else "", **fields)
        ContactImportFile.objects.filter(contact_import=key).delete()
