"""Settings of Dog n Bone, read from the environment or from `.env` (see `.env.example`).

`ENV_FILE` in the environment names another file than `.env`.
"""

import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry
from whitenoise.compress import Compressor

from dognbone.headers import add_to_file

VERSION = "0.1"
BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env.str("PUBLIC_URL").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname or ""])
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[])
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")
TWILIO_BASE_URL = env.str("TWILIO_BASE_URL", default="").rstrip("/")
TWILIO_SIGNALLING = env.str("TWILIO_SIGNALLING", default="")
REDIS_URL = env.str("REDIS_URL", default="")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
SENTRY_DSN = env.str("SENTRY_DSN", default="")

IS_HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "dognbone.apps.DogNBoneAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "dognbone.apps.DogNBoneStaticFilesConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "dognbone.apps.DogNBoneConfig",
    # Before django_tasks_db, whose `db_worker` it adds a clock to.
    "accounts",
    "phone",
    "django_tasks",
    "dognbone.apps.DogNBoneTasksConfig",
]

MIDDLEWARE = [
    "dognbone.headers.keep_to_ourselves",
    "django.middleware.security.SecurityMiddleware",
    "dognbone.middleware.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dognbone.middleware.PolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dognbone.outages.turn_away",
    "dognbone.answers.complete",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "dognbone.middleware.OriginMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.languages.speak",
    "accounts.time_zones.tell_time",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.entrance.door.keep_the_door",
    "accounts.entrance.asking_again.AskAgain",
    "accounts.second_factor.requirement.RequireSecondFactor",
    "dognbone.middleware.keep_refusals",
    "dognbone.middleware.in_one_thread",
]

# Whoever asks there is nobody, and is answered whatever is away.
HEALTH_PATHS = ("/healthz", "/readyz", "/metrics")

ROOT_URLCONF = "dognbone.urls"
ASGI_APPLICATION = "dognbone.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.toasts.offer_toasts",
                "accounts.fragments.offer_layout",
            ],
        },
    },
]

# Database, cache, channel layer

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'dognbone.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE, because a deferred transaction that reads and then writes
    # fails with "database is locked" instead of waiting for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    from dognbone.postgresql.connection import Connection

    DATABASES["default"]["ENGINE"] = "dognbone.postgresql"
    DATABASES["default"]["OPTIONS"] = {
        # Under ASGI a persistent connection would stay with a thread that is gone. The second of waiting
        # is repeated while the database is well: `dognbone/postgresql/base.py`.
        "pool": {"min_size": 1, "max_size": 10, "timeout": 1, "connection_class": Connection},
        "connect_timeout": 2,
        # For a network that swallows packets; whole milliseconds and seconds, see libpq's manual.
        "tcp_user_timeout": 3000,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        # Of what Django asks nothing is prepared, only what `prepared_cursor()` of the backend asks.
        "prepare_threshold": 0,
        # What DATABASE_URL itself says, such as ?sslmode=verify-full.
        **DATABASES["default"].get("OPTIONS", {}),
    }

# Half a second each, and once: redis-py tries four times otherwise.
REDIS_CACHE_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "retry": Retry(NoBackoff(), 0),
}
CACHE_IN_DATABASE = {
    "BACKEND": "dognbone.redis.cache.CountingDatabaseCache",
    "LOCATION": "accounts_keptattempt",
    "OPTIONS": {"MAX_ENTRIES": 20_000},
}
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "dognbone.redis.channel_layer.ChannelLayer", "CONFIG": {"address": REDIS_URL}}
    }
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "dognbone.redis.cache.Cache",
            "LOCATION": REDIS_URL,
            "OPTIONS": REDIS_CACHE_OPTIONS,
        },
        "while_redis_is_away": CACHE_IN_DATABASE,
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "dognbone.page_layer.PageLayer"}}
    # Django's own 300 would let a flood of attempts push out the counts that limit it.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }

# Rows in the same database; what a task may count on is in `accounts/tasks/background.py`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "accounts.entrance.passwords.GuessableValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "phone"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.entrance.forms.LoginForm",
    "signup": "accounts.entrance.forms.SignupForm",
    "add_email": "accounts.entrance.forms.AddEmailForm",
    "reset_password": "accounts.entrance.forms.ResetPasswordForm",
}
# In place of these: `accounts/entrance/limits.py`. The last is guarded by its letter's key.
ACCOUNT_RATE_LIMITS = dict.fromkeys(("login", "login_failed", "reset_password", "reset_password_from_key"))
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = env.str("ACCOUNT_EMAIL_VERIFICATION", default="optional")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
# For so long after signing in nobody is asked again whether it is them.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900

# A second factor

# From whom it is required: staff, everybody or nobody.
REQUIRE_SECOND_FACTOR = env.str("REQUIRE_SECOND_FACTOR", default="staff")
MFA_ADAPTER = "accounts.second_factor.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.second_factor.forms.AuthenticateForm",
    "reauthenticate": "accounts.second_factor.forms.ReauthenticateForm",
    "activate_totp": "accounts.second_factor.forms.ActivateTOTPForm",
    "authenticate_webauthn": "accounts.second_factor.forms.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "accounts.second_factor.forms.ReauthenticateWebAuthnForm",
    "login_webauthn": "accounts.second_factor.forms.LoginWebAuthnForm",
    "add_webauthn": "accounts.second_factor.forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.second_factor.forms.EditWebAuthnForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Half a minute before and after: clocks differ.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Dog n Bone"
# A passkey is not guessed; this is for what each attempt costs, and an office has one address.
MFA_RATE_LIMITS = {"webauthn_login": "200/5m/ip"}
USERSESSIONS_ADAPTER = "accounts.sign_ins.ending.UserSessionsAdapter"

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
# Who is written to when something broke: `dognbone/operators.py`.
OPERATORS = env.list("OPERATORS", default=[])
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Dog n Bone <phone@localhost>")

# When admins are alarmed: so many people failing the same way, or one address failing so many accounts,
# within so many minutes. An admin may set other numbers, which then hold instead.
ALARM_PEOPLE = env.int("ALARM_PEOPLE", default=5)
ALARM_ACCOUNTS = env.int("ALARM_ACCOUNTS", default=5)
ALARM_MINUTES = env.int("ALARM_MINUTES", default=10)
# And how long after the first person joined what was never seen before is still no news.
ALARM_SETTLING_DAYS = env.int("ALARM_SETTLING_DAYS", default=7)
# So many calls end for a reason of ours in as many minutes; no call of an account gets through for so long.
ALARM_CALLS = env.int("ALARM_CALLS", default=1)
ALARM_CALL_MINUTES = env.int("ALARM_CALL_MINUTES", default=60)

# Language and time

LANGUAGE_CODE = "en"
# Each by its own name, whatever language the page is in that lists them.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "dognbone.formats"

# Static files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
NODE_MODULES = BASE_DIR / "node_modules"
FROM_NPM = {
    "twilio-voice-sdk": NODE_MODULES / "@twilio" / "voice-sdk" / "dist",
    "libphonenumber-js": NODE_MODULES / "libphonenumber-js" / "bundle",
    "htmx": NODE_MODULES / "htmx.org" / "dist",
}
# Once the files are collected, a server needs none of npm's.
STATICFILES_DIRS = [BASE_DIR / "static", *((name, path) for name, path in FROM_NPM.items() if path.is_dir())]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dognbone.bundles.BundleFinder",
    "dognbone.catalogues.CatalogueFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "dognbone.storage.StaticFilesStorage"
    },
}
# whitenoise's files are read in a thread under ASGI, which Django warns of and which does no harm.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
# Without its name Twilio plays no sound: https://www.twilio.com/docs/api/errors/12300.
WHITENOISE_ADD_HEADERS_FUNCTION = add_to_file
WHITENOISE_MIMETYPES = {".wav": "audio/wav"}
# What only somebody who looks for a fault asks for need not come sooner.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# What a browser may do

SESSION_ENGINE = "dognbone.sessions"
MESSAGE_STORAGE = "accounts.told_apart.Storage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
# To be on browsers' own list is asked for by hand, for a whole domain, and not taken back for months:
# https://hstspreload.org. No default says so, and a check need not ask for it.
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_PRELOAD else ["security.W021"]
# It looks for CsrfViewMiddleware by its name, and OriginMiddleware is one that takes less.
SILENCED_SYSTEM_CHECKS += ["security.W003"]
# Whoever comes by http is sent on by whatever listens there (`deploy/nginx/`). From here a proxy that does
# not say by which it was asked would be sent round in circles, and a webhook lose what it says on the way.
SILENCED_SYSTEM_CHECKS += ["security.W008"]
# To another site none goes. Without any, forms would be sent with `Origin: null`, which Django refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL))]
X_FRAME_OPTIONS = "DENY"

# Twilio's signalling and insights, at every edge, because the SDK redials the
# edge it was connected to; or the one local gateway that stands in for them.
SIGNALLING_SOURCES = (
    [f"ws://{TWILIO_SIGNALLING}"] if TWILIO_SIGNALLING else ["wss://*.twilio.com", "https://*.twilio.com"]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "media-src": [SELF, "mediastream:", "blob:"],
        "connect-src": [SELF, *SIGNALLING_SOURCES],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Text becomes markup, and an address a script, in `static/trusted.js` alone.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["dognbone"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "microphone": ["self"],
    "speaker-selection": ["self"],
    "autoplay": ["self"],
    # Passkeys.
    "publickey-credentials-create": ["self"],
    "publickey-credentials-get": ["self"],
    # Whatever else a browser would ask somebody for, or tell of them.
    **{
        feature: []
        for feature in (
            "accelerometer",
            "browsing-topics",
            "camera",
            "captured-surface-control",
            "compute-pressure",
            "digital-credentials-get",
            "display-capture",
            "encrypted-media",
            "fullscreen",
            "gamepad",
            "geolocation",
            "gyroscope",
            "hid",
            "identity-credentials-get",
            "idle-detection",
            "keyboard-map",
            "local-fonts",
            "magnetometer",
            "midi",
            "otp-credentials",
            "payment",
            "picture-in-picture",
            "screen-wake-lock",
            "serial",
            "storage-access",
            "usb",
            "window-management",
            "xr-spatial-tracking",
        )
    },
}

# Logs and error pages

# Error pages and reports name variables and form fields, never their values.
DEFAULT_EXCEPTION_REPORTER = "dognbone.error_reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "dognbone.error_reports.ReporterFilter"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "dognbone.log_lines.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "dognbone.log_lines.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if DEBUG else "json",
            "level": LOG_LEVEL,
        },
        "operators": {"class": "dognbone.operators.OperatorsHandler"},
    },
    "root": {"handlers": ["console", "operators"], "level": LOG_LEVEL},
    "loggers": {
        # Without handlers of their own, so that all they say goes through the one formatter.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "uvicorn": {"handlers": [], "level": "NOTSET", "propagate": True},
        # Whole addresses, with what is looked for in them: `dognbone/request_log.py` names routes instead.
        "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
        # A 404 or 422 is an answer, not a fault, and the access log has it.
        "django.request": {"level": "ERROR"},
        # The twilio package logs every URL with its query at INFO, phone numbers included.
        "twilio": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        # Each connection that a restarted database has closed; `dognbone.postgresql.watch` says the rest.
        "psycopg.pool": {"level": "ERROR"},
    },
}
