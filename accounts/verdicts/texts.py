"""The words of every verdict: what happened, in plain sentences, and the one thing to do.

`{…}` are facts that the check fills in; `defaults` are the words where a fact is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words

CONSOLE = "https://console.twilio.com/"
API_KEYS = "https://console.twilio.com/us1/account/keys-credentials/api-keys"
TWIML_APPS = "https://console.twilio.com/us1/develop/voice/manage/twiml-apps"
BILLING = "https://console.twilio.com/us1/billing/manage-billing/billing-overview"
SUPPORT = "https://help.twilio.com/"
STATUS = "https://status.twilio.com/"
REGIONS = "https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials"
NETWORK = "https://www.twilio.com/docs/voice/sdks/network-connectivity-requirements"
RESTRICTED = "https://www.twilio.com/docs/iam/api-keys/restricted-api-keys"
TEST_CREDENTIALS = "https://www.twilio.com/docs/iam/test-credentials"
TRIAL = "https://www.twilio.com/docs/usage/tutorials/how-to-use-your-free-trial-account"


@dataclass(frozen=True)
class VerdictText:
    """`may_be_proven`: it says so where the credentials were proven at that very moment (PROOF)."""

    title: Words
    explanation: Words
    remedy: Words
    link: str = ""
    blames_credentials: bool = False
    defaults: Mapping[str, Words] = field(default_factory=dict)
    may_be_proven: bool = False


TEXTS: Mapping[str, VerdictText] = {
    "ok": VerdictText(
        _("Connected to Twilio"),
        _("Twilio accepted the credentials."),
        _("Nothing is left to do."),
    ),
    # What was typed is wrong.
    "malformed": VerdictText(
        _("“{label}” does not look right"),
        _("The field “{label}” holds {seen}. Nothing was sent to Twilio."),
        _("Put {expected} into “{label}”."),
        CONSOLE,
        blames_credentials=True,
        defaults={
            "label": _("One of the fields"),
            "seen": _("something that Twilio does not use"),
            "expected": _("the value from the Twilio console"),
        },
    ),
    "unknown_account": VerdictText(
        _("Twilio does not know this Account SID"),
        _("Twilio answered, and has no account with the Account SID that was given."),
        _("Copy the Account SID again from the first page of the Twilio console."),
        CONSOLE,
        blames_credentials=True,
    ),
    "wrong_auth_token": VerdictText(
        _("The Auth Token is wrong"),
        _(
            "Twilio did not accept this Auth Token together with the Account SID. "
            "It changes when somebody makes a new one."
        ),
        _("Copy the Auth Token again from the first page of the Twilio console."),
        CONSOLE,
        blames_credentials=True,
    ),
    "wrong_api_secret": VerdictText(
        _("The API key secret is wrong"),
        _("Twilio refused the API key together with this secret."),
        _(
            "Make a new API key in the Twilio console, and copy its SID and its secret: "
            "Twilio shows a secret only once."
        ),
        API_KEYS,
        blames_credentials=True,
    ),
    "api_key_not_found": VerdictText(
        _("This account has no such API key"),
        _(
            "{says} The key was deleted, or it belongs to another account: to the main account, "
            "for one, where this is a subaccount."
        ),
        _("Make a Standard API key in this account, and copy its SID and its secret."),
        API_KEYS,
        blames_credentials=True,
        defaults={"says": _("Twilio finds no API key with this SID in the account.")},
    ),
    "wrong_region": VerdictText(
        _("The credentials belong to {region_name}"),
        _(
            "Twilio keeps separate credentials for each region. These were accepted in {region_name} "
            "and refused in {tried_name}."
        ),
        _("Choose {region_name} as the region, or use credentials made in {tried_name}."),
        REGIONS,
        blames_credentials=True,
        defaults={"region_name": _("another region"), "tried_name": _("the one that was chosen")},
    ),
    "restricted_key": VerdictText(
        "{headline}",
        _("{says} A Restricted key cannot run a phone in the browser."),
        _("Make a Standard API key, and copy its SID and its secret."),
        RESTRICTED,
        blames_credentials=True,
        defaults={
            "headline": _("This API key is Restricted"),
            "says": _("Twilio lets this key do what its policy names, and nothing else."),
        },
    ),
    "test_credentials": VerdictText(
        _("These are Twilio's test credentials"),
        _("Twilio recognised them as test credentials, which can never make or take a real call."),
        _("Copy the live Account SID and Auth Token, which stand above the test ones in the console."),
        TEST_CREDENTIALS,
        blames_credentials=True,
    ),
    # The account's state, not what was typed.
    "account_suspended": VerdictText(
        "{headline}",
        _("{says} What was typed may well be right."),
        _("Look at the account's billing in the Twilio console, then ask Twilio Support."),
        BILLING,
        defaults={
            "headline": _("Twilio has suspended this account"),
            "says": _("Twilio says that the account is not active."),
        },
    ),
    "account_closed": VerdictText(
        _("This Twilio account is closed"),
        _("Twilio says that the account has been closed. A closed account cannot make or take calls."),
        _("Connect another Twilio account, or ask Twilio Support about this one."),
        SUPPORT,
    ),
    "account_under_review": VerdictText(
        _("Twilio is reviewing this account"),
        _("Twilio holds back requests of this account until its review is done."),
        _("Ask Twilio Support what the review still needs."),
        SUPPORT,
    ),
    "trial_limit": VerdictText(
        _("A trial account may not do this"),
        _("Twilio refused one thing because the account is on trial. The credentials are not at fault."),
        _("Upgrade the Twilio account, or go on within the limits of the trial."),
        TRIAL,
    ),
    "twiml_app_missing": VerdictText(
        _("This account has no such TwiML App"),
        _("Twilio finds no TwiML App with this SID in the account and region, so nobody can be called."),
        _("Leave “TwiML App SID” empty: Dog n Bone then makes one."),
        TWIML_APPS,
    ),
    "twiml_app_misconfigured": VerdictText(
        _("The TwiML App does not lead to Dog n Bone"),
        _("Calls that are made here would not reach Dog n Bone: the TwiML App {fault}."),
        _("Leave “TwiML App SID” empty: Dog n Bone then makes one that fits."),
        TWIML_APPS,
        defaults={"fault": _("has a Voice URL that Twilio cannot use")},
    ),
    # What the gateway said of Dog n Bone's token, once the credentials are proven.
    "token_invalid": VerdictText(
        _("Twilio did not let the phone in"),
        _("Twilio refused the pass that was made for the phone with the credentials."),
        _("Reload the page. If it comes back, connect Twilio again, so that a new API key is made."),
        may_be_proven=True,
    ),
    "token_expired": VerdictText(
        _("The phone's pass had run out"),
        _("It was used after its time, as happens when a computer sleeps."),
        _("Reload the page: it fetches a new one."),
    ),
    "token_too_long": VerdictText(
        _("The phone's pass was made to last too long"),
        _("Twilio takes one that lasts for a day at most, and found that this one lasts longer."),
        _("Ask the people who run this Dog n Bone to check the clock of their server."),
    ),
    "bad_identity": VerdictText(
        _("Twilio did not take the phone's name"),
        _("The name that the phone gives itself has characters or a length that Twilio does not allow."),
        _("Ask the people who run this Dog n Bone for help; nothing on this page can mend it."),
    ),
    "clock_skew": VerdictText(
        _("Our server's clock is wrong"),
        _(
            "The clock of this server and Twilio's differ by {skew}. Twilio lets no phone in at a wrong "
            "time. "
            "The credentials are not at fault."
        ),
        _("Ask the people who run this Dog n Bone to set the clock of their server."),
        defaults={"skew": _("more than a minute")},
    ),
    # Not judged.
    "rate_limited": VerdictText(
        _("Twilio was too busy to answer"),
        _("Twilio takes only so many requests of one account at a time. The credentials were not judged."),
        _("Wait a minute, then try again."),
    ),
    "twilio_unavailable": VerdictText(
        _("Twilio is having trouble"),
        _("Twilio answered with a fault of its own. The credentials were not judged."),
        _("Look at Twilio's status page, then try again in a few minutes."),
        STATUS,
    ),
    "server_network": VerdictText(
        _("Our server could not reach Twilio"),
        _("{reason}. The credentials were not judged."),
        _("Try again in a minute. If it stays, tell the people who run this Dog n Bone."),
        defaults={"reason": _("No answer from Twilio came back to this server")},
    ),
    # The browser's side.
    "browser_network": VerdictText(
        _("This browser cannot reach Twilio"),
        _("Something between this browser and Twilio blocks the phone's connection."),
        _("Try another network, or ask whoever runs this one to let the browser connect to *.twilio.com."),
        NETWORK,
        may_be_proven=True,
    ),
    "media_blocked": VerdictText(
        _("Sound cannot pass this network"),
        _("Twilio is reached and calls connect, but a firewall holds back the sound."),
        _("Try another network, or ask whoever runs this one to open UDP ports 10000 to 60000."),
        NETWORK,
    ),
    "microphone_denied": VerdictText(
        _("The browser may not use the microphone"),
        _("Permission for the microphone was refused, so nobody could hear you."),
        _("Allow the microphone for this site, in the browser's address bar, then call again."),
    ),
    "microphone_missing": VerdictText(
        _("No microphone could be opened"),
        _("The browser could not open a microphone: none is plugged in, or another program is using it."),
        _("Plug one in, or close the other program, then call again."),
    ),
    "device_silent": VerdictText(
        _("The phone's page had gone quiet"),
        _(
            "The phone was ready, but its page stopped answering{period}. A sleeping tab or computer "
            "does that,"
            " or a lost network, and no call can ring here then. {calls}"
        ),
        _("Keep the page open and the computer awake while you wait for calls."),
        defaults={"period": "", "calls": _("Calls that come meanwhile find nobody.")},
    ),
    "transient": VerdictText(
        _("A short interruption, already over"),
        _("The phone lost Twilio for a moment and found it again by itself."),
        _("Nothing is left to do."),
    ),
    "unclear": VerdictText(
        _("Twilio's answer was unclear"),
        _("Something went wrong that Dog n Bone cannot name. The credentials were not judged."),
        _("Try again. If it stays, tell the people who run this Dog n Bone: they can see the raw answer."),
    ),
    # Signing in to Dog n Bone itself; kept with the login failures, never shown as Twilio's.
    "sign_in_failed": VerdictText(
        _("Sign-in to Dog n Bone failed"),
        _("The e-mail address and the password do not belong together."),
        _("Type them again, or reset the password."),
    ),
    "second_factor_failed": VerdictText(
        _("The second factor was not right"),
        _("The password was right, or somebody was signed in already; the code or the passkey was not."),
        _("Take the code that is shown now, or a recovery code. Staff can remove a factor that is lost."),
    ),
    "sign_in_throttled": VerdictText(
        _("Too many attempts to sign in"),
        _("There were so many failed attempts that no more are taken for a while."),
        _("Wait a few minutes, then try again, or reset the password."),
    ),
}

# In place of the remedy of `malformed`, where the value was hidden in the console.
SHOW_FIRST = _("Choose “Show” beside it in Twilio's console first, then copy {expected}.")

# Said in front where the server has proven the credentials at that very moment.
PROOF = _("The credentials are fine: this server has just tried them with Twilio.")

OWN_LIMIT = VerdictText(
    _("Too many attempts"),
    _("Dog n Bone takes {limit} in {period} from one person. Twilio was not asked."),
    _("Wait {period}, then try again."),
)

OWN_LIMIT_OF_GUESSES = VerdictText(
    _("Too many attempts"),
    _(
        "Dog n Bone has tried {limit}, and tries no more for now: it is not for finding out which "
        "credentials work. Twilio was not asked."
    ),
    _("Try again in {period}. An account that you have connected before is not counted."),
)

SHARE_TAKEN = VerdictText(
    _("Twilio is slow to answer"),
    _(
        "Dog n Bone is asking Twilio about this account already, as often as it may at once, and waits "
        "for the "
        "answers. The credentials were not judged."
    ),
    _("Wait a minute, then try again."),
    STATUS,
)

OFFLINE = VerdictText(
    _("You are offline"),
    _("This computer has no network just now, so no call can come or go."),
    _("Look at the Wi-Fi or the cable. The phone comes back by itself."),
)

NO_WEBRTC = VerdictText(
    _("This browser cannot carry sound"),
    _(
        "The phone has reached Twilio, but this browser has no WebRTC, without which a call has no sound: "
        "an extension, a setting or a rule of your organisation has switched it off."
    ),
    _("Switch off extensions that block WebRTC, or use another browser, then reload the page."),
)

# What a browser can tell of its microphones beyond a verdict's general words.
NO_MICROPHONE = VerdictText(
    _("No microphone was found"),
    _("This browser sees no microphone: none is plugged in, or it is switched off."),
    _("Plug one in, or switch it on, then call again."),
)
MICROPHONE_IN_USE = VerdictText(
    _("The microphone is in use"),
    _(
        "There is a microphone, but the browser was not given it: another program or another page is "
        "using it."
    ),
    _("Close whatever else uses the microphone, then call again."),
)
MICROPHONE_DISMISSED = VerdictText(
    _("The question about the microphone was not answered"),
    _("The browser asked whether this page may use the microphone, and the question was closed."),
    _("Call again, and choose Allow when the browser asks."),
)
MICROPHONE_OF_SYSTEM = VerdictText(
    _("The system keeps the microphone from the browser"),
    _(
        "This site may use the microphone, but the browser itself may not: the system's own settings "
        "forbid it."
    ),
    _(
        "Allow the browser in the system's settings, under Privacy and Microphone, then start the "
        "browser anew."
    ),
)
MICROPHONE_OF_POLICY = VerdictText(
    _("A rule forbids this page the microphone"),
    _(
        "The browser was not even to ask: a rule of your organisation, of this Dog n Bone's server or of the "
        "page that this one is shown in has no microphone for it."
    ),
    _(
        "Open the phone in a window of its own. If that is no help, ask whoever runs this computer or this "
        "Dog n Bone."
    ),
)
# How one allows it where it was refused, by the browser: the page knows which it is in.
ALLOW_MICROPHONE: Mapping[str, Words] = {
    "chrome": _("Click the icon left of the address, switch on Microphone, then try again."),
    "edge": _(
        "Click the lock left of the address, open “Permissions for this site”, set Microphone to Allow, "
        "then try again."
    ),
    "firefox": _("Click the crossed-out microphone left of the address, remove the block, then try again."),
    "safari": _(
        "In the menu bar choose Safari, then “Settings for This Website”, set Microphone to Allow, "
        "then try again."
    ),
    "ios": _(
        "Tap the button beside the address, then “Website Settings”, and set Microphone to Allow. If it "
        "is not there: Settings of the iPhone or iPad, Apps, your browser, Microphone."
    ),
    "android": _(
        "Tap the icon left of the address, then Permissions, and allow the microphone. If it is not "
        "there: Settings of the telephone, Apps, your browser, Permissions."
    ),
    "firefox-android": _(
        "Tap the lock left of the address, and allow the microphone. If it is not there: "
        "Settings of the telephone, Apps, Firefox, Permissions."
    ),
}
MICROPHONE_OF_INSECURE_PAGE = VerdictText(
    _("This page is not secure, so it gets no microphone"),
    _(
        "The page's address begins with http:, and browsers give the microphone to encrypted pages "
        "alone. The "
        "phone rings here, but nobody could hear you."
    ),
    _("Open the phone by its https: address. If there is none, ask whoever runs it."),
)

UNREACHABLE_REASONS: Mapping[str, Words] = {
    "dns": _("The name of Twilio's server could not be looked up (DNS)"),
    "refused": _("The connection to Twilio was refused"),
    "tls": _("No secure connection (TLS) to Twilio could be made"),
    "proxy": _("The proxy between this server and Twilio did not let the request through"),
    "connect_timeout": _("Twilio's server could not be connected to in time"),
    "read_timeout": _("Twilio took the request and did not answer in time"),
    "reset": _("The connection to Twilio broke off"),
    "portal": _("Something between this server and Twilio answered in Twilio's place"),
}
