"""Superset's settings here; `server.py` gives the folder and the key, which are never in a file of the repository."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
GLOBAL_ASYNC_QUERIES_JWT_SECRET = GUEST_TOKEN_JWT_SECRET = SECRET_KEY  # never the known defaults, though both are off
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db?check_same_thread=false"
TALISMAN_ENABLED = True
_OWN_ONLY = {"base-uri": ["'self'"], "default-src": ["'self'"], "object-src": "'none'"}
TALISMAN_CONFIG = {  # Superset's own policy, without the addresses outside of it that a page would else call
    "content_security_policy": _OWN_ONLY
    | {
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # loopback only
    "session_cookie_secure": False,
}
# Nothing is cached: after a publication the next question is answered from the new tables.
CACHE_CONFIG = DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
FAB_ADD_SECURITY_API = True
