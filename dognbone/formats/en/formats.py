"""English: 23 Nov 2026, 10:42:07."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = "j M Y, H:i:s"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"

# Of our own, for templates' `date` and `accounts/moments.py`.
SHORT_MOMENT_FORMAT = "Y-m-d H:i:s"
WEEKDAY_MINUTE_FORMAT = "l j F Y, H:i"
WEEKDAY_FORMAT = "l j"
SHORT_WEEKDAY_FORMAT = "D j"
