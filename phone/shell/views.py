"""What makes the phone belong to the machine: its manifest, its service worker, its page without a network.

Nothing here is anybody's: all three are the same for everyone, signed in or not, but for their language.
"""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from phone.shell.files import get_shell

# Asked for anew each time, but not sent anew where nothing has changed.
FRESH = {"Cache-Control": "no-cache"}

# A worker has a policy of its own, under which an address is a script that its one rule has let through.
WORKER = """\
const rules = {{ createScriptURL: (address) => (address === {script} ? address : null) }};
const policy = self.trustedTypes?.createPolicy("dognbone", rules) ?? rules;
self.shell = {shell};
importScripts(policy.createScriptURL({script}));
"""


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """https://www.w3.org/TR/appmanifest/; a view, because files have hashed names."""
    icon = {"src": static("mark-192.png"), "sizes": "192x192", "type": "image/png"}
    phone = reverse("phone")
    shortcuts = (
        (_("Dial"), f"{phone}?dial"),
        (_("Recents"), reverse("recents")),
        (_("Voicemail"), reverse("voicemail")),
    )
    body = {
        "name": "Dog n Bone",
        "short_name": "Dog n Bone",
        "description": _("A phone in the browser, on your own Twilio account."),
        "id": "/",
        "start_url": phone,
        "scope": "/",
        "lang": get_language(),
        "dir": "ltr",
        "display": "standalone",
        "display_override": ["standalone", "minimal-ui"],
        "orientation": "any",
        "background_color": "#f2eee4",
        "theme_color": "#14493a",
        "categories": ["business", "communication", "productivity"],
        "icons": [
            {"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {**icon, "purpose": "any"},
            *(
                {"src": static("mark-512.png"), "sizes": "512x512", "type": "image/png", "purpose": purpose}
                for purpose in ("any", "maskable")
            ),
        ],
        "shortcuts": [{"name": name, "url": url, "icons": [icon]} for name, url in shortcuts],
        # Of the schemes for calls browsers give `tel` to a page; `callto` they give to none, and we call no
        # `sip`: https://html.spec.whatwg.org/multipage/system-state.html#safelisted-scheme.
        "protocol_handlers": [{"protocol": "tel", "url": f"{phone}?call=%s"}],
        # A link that is clicked goes to the phone that is open, whose call goes on.
        "launch_handler": {"client_mode": ["focus-existing", "auto"]},
    }
    return JsonResponse(body, content_type="application/manifest+json", headers=FRESH)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, which is as far as it may look after: what it keeps, and the script that does.

    A browser compares it byte by byte, so a file that is another makes another worker.
    """
    shell = get_shell()
    told = {
        "version": shell.version,
        "files": shell.files,
        "isHashed": shell.is_hashed,
        "offline": {code: f"{reverse('offline')}?language={code}" for code, __ in settings.LANGUAGES},
        "language": settings.LANGUAGE_CODE,
        "phone": reverse("phone"),
        "signOut": reverse("account_logout"),
        "icon": static("mark-192.png"),
    }
    text = WORKER.format(shell=json.dumps(told), script=json.dumps(static("service-worker/worker.js")))
    return HttpResponse(
        text, content_type="text/javascript", headers={**FRESH, "Service-Worker-Allowed": "/"}
    )


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that is shown in place of any other while the network is away.

    The service worker keeps it in every `language`; without that, it is in the one that is asked for.
    """
    asked = request.GET.get("language")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(language):
        # Without the request, whose person it would name.
        response = HttpResponse(render_to_string("phone/offline.html"), headers=FRESH)
    response["Content-Language"] = language
    return response
