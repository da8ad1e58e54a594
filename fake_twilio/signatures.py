"""X-Twilio-Signature: how a webhook proves that Twilio sent it.

https://www.twilio.com/docs/usage/webhooks/webhooks-security: base64 of HMAC-SHA1, keyed with the
primary Auth Token, over the exact URL and then every form field, sorted by name, name and value
run together. A GET has its fields in the URL already and adds none.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def build_signature(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
