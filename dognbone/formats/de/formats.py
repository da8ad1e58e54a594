"""German: 23. Nov. 2026, 10:42:07."""

DATE_FORMAT = "j. N Y"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = "j. N Y, H:i:s"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y H:i"
