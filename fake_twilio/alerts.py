"""Notes what went wrong in a call where Twilio's debugger would show it.

`rest/alerts.py` serves the rows. Codes: https://www.twilio.com/docs/api/errors.
"""

from typing import Literal

from fake_twilio.store import Account, make_sid, now


def add_alert(
    account: Account,
    *,
    code: int,
    text: str,
    call_sid: str,
    url: str = "",
    method: str = "POST",
    log_level: Literal["error", "warning"] = "error",
) -> None:
    account.alerts.append(
        {
            "sid": make_sid("NO"),
            "error_code": str(code),
            "alert_text": text,
            "resource_sid": call_sid,
            "log_level": log_level,
            "request_url": url or None,
            "request_method": method if url else None,
            "date_created": now(),
        }
    )
