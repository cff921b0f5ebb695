"""Every setting of the site, and the only reader of the environment.

Three ways to run, told apart by ``DEBUG``: unset is *local* (this machine only, secrets made on the first start),
``1`` is for work on the code, ``0`` is production, where what must be decided by a person must be set.
The README's table lists every variable; a test compares the two.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.headers import Headers

import structlog
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from chatsite.env import (
    database,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_origins,
    env_seconds,
    env_secret,
    env_text,
    env_url,
    listed,
    load_dotenv,
    picture_storage,
)

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")

# How we run

DEBUG = env_bool("DEBUG", default=False)
IS_PRODUCTION = env_text("DEBUG") != "" and not DEBUG
DATA_DIR = Path(env_text("CHAT_DATA_DIR", str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
HOST = env_text("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000, most=65_535)


def _kept_secret() -> str:
    """Return this installation's own secret, made on the first start and readable by its owner only."""
    path = DATA_DIR / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    value = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value)
    return value


SECRET_KEY = env_secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = listed(env_secret("SECRET_KEY_FALLBACKS"))
if IS_PRODUCTION and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set, or is shorter than 32 characters: "
        "make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
    )
if not SECRET_KEY:
    SECRET_KEY = _kept_secret()

SITE_ORIGINS = env_origins("SITE_ORIGINS")
"""Addresses under which browsers reach the site (scheme, host, port); the first one is used in e-mails."""
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
_HTTPS = bool(SITE_ORIGINS) and all(origin.startswith("https://") for origin in SITE_ORIGINS)
if IS_PRODUCTION and not SITE_ORIGINS:
    raise ImproperlyConfigured("SITE_ORIGINS is not set: write the site's address, as https://chat.example.org.")
if IS_PRODUCTION and not _HTTPS:
    raise ImproperlyConfigured("SITE_ORIGINS must be https:// addresses in production: put a proxy in front.")
if IS_PRODUCTION and not env_list("ALLOWED_HOSTS"):
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: write the site's host names, as chat.example.org.")
if "*" in ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS=* would trust any Host header: name the hosts.")
for _name in [urlsplit(origin).hostname or "" for origin in SITE_ORIGINS] if IS_PRODUCTION else []:
    if not validate_host(f"[{_name}]" if ":" in _name else _name, ALLOWED_HOSTS):
        raise ImproperlyConfigured(f"ALLOWED_HOSTS does not name {_name}, which SITE_ORIGINS does: add it.")
CSRF_TRUSTED_ORIGINS = SITE_ORIGINS

SITE_NAME = env_text("SITE_NAME", "Chatsite")

# The provider

OPENAI_API_KEY = env_secret("OPENAI_API_KEY")
OPENAI_BASE_URL = env_url("OPENAI_BASE_URL", "https://api.openai.com/v1")
CHAT_DEMO = env_bool("CHAT_DEMO", default=not OPENAI_API_KEY and not env_text("OPENAI_BASE_URL"))
"""Start the embedded demo provider; on by itself where no provider is configured."""
CHAT_MODELS = env_list("CHAT_MODELS")
CHAT_TITLE_MODEL = env_text("CHAT_TITLE_MODEL")
CHAT_CONNECT_TIMEOUT = env_seconds("CHAT_CONNECT_TIMEOUT", 10)
CHAT_FIRST_BYTE_TIMEOUT = env_seconds("CHAT_FIRST_BYTE_TIMEOUT", 120)
CHAT_STALL_TIMEOUT = env_seconds("CHAT_STALL_TIMEOUT", 60)

# Limits

CHAT_MAX_TEXT = env_int("CHAT_MAX_TEXT", 50_000, least=100, most=60_000)
"""Characters of one question; a command frame carries 64 KiB."""
CHAT_MAX_ANSWER = env_int("CHAT_MAX_ANSWER", 1_000_000, least=1_000, most=4_000_000)
CHAT_MAX_HISTORY = env_int("CHAT_MAX_HISTORY", 400_000, least=1_000)
"""Characters of earlier turns that go along with a question; the oldest are left out first."""
CHAT_MAX_SOCKETS = env_int("CHAT_MAX_SOCKETS", 50, least=1)
"""Open sockets of one person in one process."""
CHAT_COMMANDS_PER_MINUTE = env_int("CHAT_COMMANDS_PER_MINUTE", 60, least=1)
CHAT_RESERVED_ANSWER = env_int("CHAT_RESERVED_ANSWER", 4_096, least=1)
"""Tokens put aside for an answer of a model without a bound of its own, where a person's tokens or cost have one."""
CHAT_MAX_PICTURES = env_int("CHAT_MAX_PICTURES", 10, most=100)
"""Pictures of a conversation that go along with a question; of older ones only the fact is told."""
CHAT_MAX_UPLOAD_MB = env_int("CHAT_MAX_UPLOAD_MB", 20, least=1, most=100)
CHAT_MAX_IMPORT_MB = env_int("CHAT_MAX_IMPORT_MB", 200, least=1, most=2000)
CHAT_MAX_MEGAPIXELS = env_int("CHAT_MAX_MEGAPIXELS", 50, least=1, most=200)
CHAT_PICTURE_SIZE = env_int("CHAT_PICTURE_SIZE", 2_048, least=256, most=8_192)
"""Pixels of the long side of a stored picture; larger ones cost tokens and show models no more."""
CHAT_STORAGE_MB = env_int("CHAT_STORAGE_MB", 500, least=1)
"""What the pictures of one person may take."""
CHAT_UPLOADS_PER_MINUTE = env_int("CHAT_UPLOADS_PER_MINUTE", 60, least=1)
CHAT_PICTURES_BY_ADDRESS = env_bool("CHAT_PICTURES_BY_ADDRESS", default=False)
"""Send signed addresses of this site in place of the pictures: for sites that the provider can reach."""
CHAT_PURGE_DAYS = env_int("CHAT_PURGE_DAYS", 30, least=1)
"""How long a deleted conversation can be brought back by an administrator before its rows and pictures go."""
CHAT_DRAIN_SECONDS = env_int("CHAT_DRAIN_SECONDS", 20, most=600)
"""How long running answers may go on after SIGTERM."""

# Applications

INSTALLED_APPS = [
    "chatsite.apps.ChatAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "conversations",
]

MIDDLEWARE = [
    "conversations.web.middleware.traced",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # these three before all that may answer by itself
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "conversations.web.middleware.PageCompression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "conversations.web.middleware.same_session",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "conversations.web.middleware.visitor",
    "conversations.web.middleware.person_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["chatsite.markup.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "conversations.web.context.site",
            ],
            "builtins": ["conversations.web.tags"],
        },
    },
]

# Storage

DATABASES = {"default": database(env_secret("DATABASE_URL"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env_secret("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "chatsite.cache.SharedCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "chatsite.static_files.AssembledFinder",
    "chatsite.static_files.SourceFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "pictures": picture_storage(env_secret("PICTURES_URL"), DATA_DIR / "pictures"),
    "staticfiles": {"BACKEND": "chatsite.static_files.SiteStorage"},
}
WHITENOISE_MAX_AGE = 60
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_ALLOW_ALL_ORIGINS = False


def WHITENOISE_ADD_HEADERS_FUNCTION(headers: Headers, path: str, url: str) -> None:
    """Let a file that is opened by itself, as a drawing can be, load and run nothing; shorter than a page's policy."""
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"


# People

AUTH_USER_MODEL = "conversations.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "conversations.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "conversations.accounts.forms.Login",
    "signup": "conversations.accounts.forms.SignUp",
    "add_email": "conversations.accounts.forms.AddAddress",
    "reset_password": "conversations.accounts.forms.ForgetPassword",
    "reset_password_from_key": "conversations.accounts.forms.ResetPassword",
    "change_password": "conversations.accounts.forms.ChangePassword",
    "set_password": "conversations.accounts.forms.SetPassword",
    "reauthenticate": "conversations.accounts.forms.ConfirmPassword",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = env_choice("EMAIL_VERIFICATION", "none", ["none", "optional", "mandatory"])
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
CHAT_SIGNUP = env_choice("CHAT_SIGNUP", "open", ["open", "invitation", "oidc", "closed"])
CHAT_SIGNUP_DOMAINS = env_list("CHAT_SIGNUP_DOMAINS")
"""Mail domains whose people may sign up; empty for all. Administrators can change both without a restart."""

MFA_ADAPTER = "conversations.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "conversations.accounts.forms.AddPasskey",
    "edit_webauthn": "conversations.accounts.forms.EditPasskey",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # EMAIL_VERIFICATION says whether addresses are to be confirmed
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS  # on localhost, which browsers trust; nowhere else do they offer it

OIDC_ISSUER = env_url("OIDC_ISSUER", "") if env_text("OIDC_ISSUER") else ""
OIDC_NAME = env_text("OIDC_NAME", "Company account")
SOCIALACCOUNT_ADAPTER = "conversations.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that ends at another site is what our content policy forbids
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # administrators choose the issuer: an address it vouches for is theirs
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "company",
                "name": OIDC_NAME,
                "client_id": env_text("OIDC_CLIENT_ID"),
                "secret": env_secret("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
SESSION_COOKIE_AGE = 14 * 24 * 3600

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env_text("EMAIL_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env_text("EMAIL_HOST")
EMAIL_PORT = env_int("EMAIL_PORT", 587, most=65_535)
EMAIL_HOST_USER = env_text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
DEFAULT_FROM_EMAIL = env_text("DEFAULT_FROM_EMAIL", "Chatsite <chat@localhost>")

# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "conversations.web.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; see silenced check below
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 31_536_000 if _HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env_int("BEHIND_PROXY", 0, most=9)
"""How many proxies of ours stand in front, each of which appends to X-Forwarded-For (``chatsite.proxied``)."""
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # redirecting to https is the proxy's work: this server speaks plain http behind it
    "security.W005",  # other hosts of the domain are not ours to bind (HSTS_SUBDOMAINS=1 does)
    "security.W021",  # nor is the preload list ours to enter
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Languages

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "conversations" / "locale"]  # so that our words come before those of packages
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_TZ = True
TIME_ZONE = "UTC"

# Logs: one event is one line; structlog escapes control characters

LOG_LEVEL = env_choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_JSON = env_bool("LOG_JSON", default=IS_PRODUCTION)
_STAMPS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _STAMPS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer()
                if LOG_JSON
                else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "logger", "event"]),
            ],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "WARNING"},  # also of pages not found: who reads a trace id there can be answered
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "daphne": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[*_STAMPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
