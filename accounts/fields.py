"""A model field whose value is sealed at rest and never shown."""

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from accounts.encryption import open_sealed, seal


class Secret:
    """A value that shows itself only when asked by name: `secret.reveal()`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "<sealed>" if self._value else "<empty>"

    def __reduce__(self) -> Any:
        raise TypeError("A Secret is not pickled.")


class SealedAttribute:
    """Opens the column's bytes when the attribute is read, not when the row is loaded."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type) -> Any:
        if instance is None:
            return self
        stored = instance.__dict__.get(self.field.attname)
        if isinstance(stored, Secret):
            return stored
        if stored is None and self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
            stored = instance.__dict__.get(self.field.attname)
        if not stored:
            return Secret("")
        return Secret(open_sealed(bytes(stored), place=self.field.place(instance)))

    def __set__(self, instance: models.Model, value: Any) -> None:
        if isinstance(value, str):
            value = Secret(value)
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """Text, sealed for its row and field. Reads as a `Secret`; takes a `Secret` or a `str`.

    The row's primary key must be known before the first save (a UUID with a Python default).
    Values can neither be filtered by nor set with `QuerySet.update()`.
    """

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

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, self.attname, SealedAttribute(self))

    def place(self, instance: models.Model) -> str:
        return f"{instance._meta.label}:{self.name}:{instance.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        stored = model_instance.__dict__.get(self.attname)
        if not isinstance(stored, Secret):
            return bytes(stored or b"")
        sealed = seal(stored.reveal(), place=self.place(model_instance)) if stored else b""
        model_instance.__dict__[self.attname] = sealed
        return sealed

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str | Secret):
            raise FieldError(f"{self.name} is sealed: it is set on the row and saved, nothing else.")
        return super().get_db_prep_value(value, connection, prepared)

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is sealed: it cannot be searched.")

    def value_from_object(self, obj: models.Model) -> Any:
        return "<sealed>" if obj.__dict__.get(self.attname) else ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
