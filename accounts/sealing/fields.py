"""A model field whose value is sealed at rest and never shown."""

import hmac
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from accounts.sealing.encryption import open_sealed, seal


class Sealed(bytes):
    """Bytes that `SealedField` has sealed: the only ones it lets into the database."""


class Secret:
    """A value that shows itself only when asked by name: `secret.reveal()`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value. Raises UnsealError where a sealed one does not open."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __repr__(self) -> str:
        return "<sealed>" if self else "<empty>"

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __reduce__(self) -> Any:
        raise TypeError("A Secret is not pickled.")


class StoredSecret(Secret):
    """A secret as it lies in the database: opened when it is revealed, not when it is read."""

    __slots__ = ("sealed", "_place")

    def __init__(self, sealed: bytes, place: str) -> None:
        super().__init__("")
        self.sealed = sealed
        self._place = place

    def reveal(self) -> str:
        return open_sealed(self.sealed, place=self._place)

    def __bool__(self) -> bool:
        return True


class SealedAttribute:
    """Turns the column's bytes into a `Secret`; nothing is opened until it is revealed."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type) -> Any:
        if instance is None:
            return self
        values = instance.__dict__
        if self.field.attname not in values:
            instance.refresh_from_db(fields=[self.field.attname])
        stored = values.get(self.field.attname)
        if isinstance(stored, Secret):
            return stored
        if not stored:
            return Secret("")
        return StoredSecret(bytes(stored), self.field.place(instance))

    def __set__(self, instance: models.Model, value: Any) -> None:
        if isinstance(value, str):
            value = Secret(value)
        elif isinstance(value, StoredSecret) and value._place == self.field.place(instance):
            value = value.sealed
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """Text, sealed for its row and field. Reads as a `Secret`; takes a `Secret` or a `str`.

    The row's primary key must be known before the first save (a UUID with a Python default).
    Values can neither be filtered by nor set with `QuerySet.update()`.
    """

    # Where django-stubs looks for the types of the attribute.
    _pyi_private_set_type: Secret | str
    _pyi_private_get_type: Secret  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        kwargs.setdefault("default", b"")
        kwargs["blank"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs.pop("blank", None)
        if kwargs.get("default") == b"":
            del kwargs["default"]
        return name, path, args, kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, SealedAttribute(self))

    def place(self, instance: models.Model) -> str:
        return f"{instance._meta.label}:{self.name}:{instance.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed:
        stored = model_instance.__dict__.get(self.attname)
        if not isinstance(stored, Secret):
            return Sealed(stored or b"")
        sealed = Sealed(seal(stored.reveal(), place=self.place(model_instance)) if stored else b"")
        model_instance.__dict__[self.attname] = sealed
        return sealed

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value and not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is sealed: it is set on the row and saved, nothing else.")
        return super().get_db_prep_value(value, connection, prepared)

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is sealed: it cannot be searched.")

    def value_from_object(self, obj: models.Model) -> Any:
        return "<sealed>" if obj.__dict__.get(self.attname) else ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
