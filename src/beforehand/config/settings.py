"""Django's settings, all of them made from config/environ.py."""

from typing import Any

from beforehand.config import environ, static
from beforehand.config.keys import kept_key, make_folder
from beforehand.kernel.zones import never_ask_the_machine

never_ask_the_machine()
_env = environ.current()

DATA = _env.data
FOLDERS = _env.folders
DEBUG = _env.debug
SECRET_KEY = _env.secret_key or kept_key(DATA)
ALLOWED_HOSTS = list(_env.hosts)
CSRF_TRUSTED_ORIGINS = [_env.url]
PUBLIC_URL = _env.url

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Our rooms, the lowest first.
    "beforehand.kernel",
    "beforehand.people",
    "beforehand.promises",
    "beforehand.tickets",
    "beforehand.alerts",
    "beforehand.connectors",
    "beforehand.web",
    # After ours, whose templates stand in place of its own.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "beforehand.config.headers.ContentSecurityPolicy",
    "beforehand.config.compress.Compressed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "beforehand.web.access.SignedInAs",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "beforehand.web.door.SecondFactorDemanded",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "beforehand.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "beforehand.web.access.for_templates",
            ],
        },
    },
]


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            # A transaction takes the write lock at its start, where it can wait; once it has read, it can't.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def _postgresql(database: dict[str, Any]) -> dict[str, Any]:
    return {
        **database,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 10, "timeout": 10}, **database["OPTIONS"]},
    }


def _database() -> dict[str, Any]:
    if _env.database is None:
        make_folder(DATA)
        return _sqlite(str(DATA / "beforehand.sqlite3"))
    if _env.database["ENGINE"].endswith("sqlite3"):
        return _sqlite(_env.database["NAME"])
    return _postgresql(_env.database)


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Throttled log-in, second factors and passwords reset by mail are django-allauth's; nobody signs up by themselves.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "beforehand.web.door.Adapter"
ACCOUNT_FORMS = {"login": "beforehand.web.door.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
# Somebody may work for two providers.
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _env.url.partition(":")[0]
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Beforehand"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True

SENDS_MAIL = _env.mail is not None
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if SENDS_MAIL else 'dummy'}.EmailBackend"
_mail = _env.mail or {}
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", ""), _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER", ""), _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.get("EMAIL_USE_SSL", False), _mail.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _env.mail_from
HEARTBEAT, METRICS_TOKEN = _env.heartbeat, _env.metrics_token

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
SIGNED_IN_AS = _env.signed_in_as

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"

# Served straight out of the rooms, so that no collectstatic step stands between an update and its styles.
STATIC_URL = "/static/" if DEBUG else static.address()
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = "(?!)" if DEBUG else f"^{STATIC_URL}"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not _env.loopback
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 0 if _env.loopback else 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"not-an-error": {"()": "beforehand.config.quiet.NotAnError"}},
    "loggers": {"django.request": {"filters": ["not-an-error"]}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
