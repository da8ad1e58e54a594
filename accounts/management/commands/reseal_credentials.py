from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from accounts.sealing.encryption import UnsealError, get_credential_keys, get_key_id
from accounts.sealing.fields import SealedField


class Command(BaseCommand):
    help = (
        "Seals every stored secret anew with the newest key of CREDENTIAL_KEYS, row by row, beside "
        "running servers; then says which keys are no longer used. Fails if a secret does not open."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.unreadable = 0
        resealed = sum(self.reseal_model(model, names) for model, names in find_sealed_models())
        self.stdout.write(f"{resealed} rows resealed with key {get_credential_keys()[0].key_id.hex()}.")
        self.tell_key_use()
        if self.unreadable:
            raise CommandError(f"{self.unreadable} rows do not open and were left as they are.")

    def reseal_model(self, model: type[models.Model], names: list[str]) -> int:
        keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
        return sum(self.reseal_row(model, pk, names) for pk in list(keys))

    def reseal_row(self, model: type[models.Model], pk: Any, names: list[str]) -> bool:
        """Whether the row was changed; one that the newest key sealed already is left alone."""
        newest = get_credential_keys()[0].key_id
        with transaction.atomic():
            row = model._default_manager.select_for_update().filter(pk=pk).first()
            if row is None:
                return False
            stored = {name: bytes(row.__dict__[name]) for name in names if row.__dict__[name]}
            try:
                if all(get_key_id(sealed) == newest for sealed in stored.values()):
                    return False
                for name in stored:
                    setattr(row, name, getattr(row, name).reveal())
            except UnsealError as error:
                self.unreadable += 1
                self.stderr.write(str(error))
                return False
            # Past the model's own save(): what is sealed anew has not changed, nor has its date.
            models.Model.save_base(row, update_fields=frozenset(stored))
            return True

    def tell_key_use(self) -> None:
        used = count_rows_by_key()
        configured = [key.key_id for key in get_credential_keys()]
        for key_id in [*configured, *sorted(set(used) - set(configured))]:
            note = "" if used[key_id] else "; no longer used, it may leave CREDENTIAL_KEYS"
            if key_id not in configured:
                note = "; NOT in CREDENTIAL_KEYS"
            if key_id == configured[0]:
                note = "; the newest"
            self.stdout.write(f"Key {key_id.hex() or 'unreadable'}: {used[key_id]} secrets{note}.")


def find_sealed_models() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        names = [field.attname for field in model._meta.fields if isinstance(field, SealedField)]
        if names:
            yield model, names


def count_rows_by_key() -> Counter[bytes]:
    """How many stored secrets each key has sealed, by the key's id; b"" for what is no sealed value."""
    used: Counter[bytes] = Counter()
    for model, names in find_sealed_models():
        for row in model._default_manager.values_list(*names).iterator(chunk_size=2000):
            used.update(read_key_id(bytes(value)) for value in row if value)
    return used


def read_key_id(sealed: bytes) -> bytes:
    try:
        return get_key_id(sealed)
    except UnsealError:
        return b""
