"""What a column of a CSV file may hold. Those of a name are called as the fields of a `Draft` are."""

from enum import StrEnum


class Role(StrEnum):
    FORMATTED = "formatted"
    PREFIX = "prefix"
    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    SUFFIX = "suffix"
    NICKNAME = "nickname"
    FILED_AS = "filed_as"
    COMPANY = "company"
    NUMBER = "number"
    # Says what the number, or another value, in the column after it is.
    NUMBER_LABEL = "number_label"
    EMAIL = "email"
    ADDRESS = "address"
    NOTE = "note"
    # Groups that the contact is in.
    LABELS = "labels"
    # A line of the note, under the column's title.
    NOTED = "noted"
    LEFT_OUT = "left_out"


# By any of these a first line is one of titles.
TELLING = frozenset({Role.FORMATTED, Role.GIVEN, Role.FAMILY, Role.NUMBER, Role.EMAIL, Role.COMPANY})
