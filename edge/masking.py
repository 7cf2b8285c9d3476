"""Passwords are shown to nobody: what takes them out of addresses and sentences."""

import re

HIDDEN = "***"
_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]{0,9}:?/{1,3}", re.IGNORECASE)
_NAME = r"[\w.\[\]-]*"
# Fields whose values are secret, as cameras name them: password, passwd, pwd, loginpas, psw,
# access_token, auth, api_key, secret, sig, p, ... A value ends where the next field begins.
_FIELD = re.compile(
    rf"((?:(?<![\w.\[\]-])p|{_NAME}(?:pass|passwd|pwd|psw|loginpas|secret|token|credential|"
    r"signature|session|apikey|"
    r"accesskey|authkey|streamkey|(?<![a-z])(?:pw|key|auth|sig|sid|pin|code|jwt|otp)(?![a-z]))"
    rf"{_NAME})(?:=|%3d))(?:(?!&{_NAME}=).)*",
    re.IGNORECASE | re.DOTALL,
)
# In a path: a segment with a colon, as user:password, and what follows one called "admin".
_PAIR = re.compile(r"(?<=/)[^/?#&=]*:[^/?#]*")
_FOLLOWS = re.compile(
    r"(/(?:admin|root|user|usr|login|pass|password|passwd|pwd|token|key|auth)/)[^/?#]+", re.I
)
_LOGIN_NAME = re.compile(r"(?:admin\w*|root|users?|guest|operator|viewer|service):\d", re.I)
_WORD = re.compile(r"[A-Za-z0-9]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TURNS = re.compile(r"[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])")
MIN_TURNS = 4  # of small letters, capitals and digits in a word that was drawn by lot
# What is between // and the host may hold spaces, quotes and brackets, which else end an address;
# but "cam:554/1" and "cam: refused" are hosts. Digits and a space are a port, unless an @ follows.
_LOGIN = (
    r"[a-z][a-z0-9+.-]{0,9}://(?:[^\s/?#@]*|[^\s/@:]*:\d+\s\S*|"
    r"(?!\[)[^\s/@:]*:(?!\s|\d+(?:[/?#\s:]|\Z))[^@\n]{0,200})"
    r"@(?:\S*@)?"
)
_IN_TEXT = re.compile(
    rf"(?<![^\s'\"()])[^\s'\"(]*?(?:{_LOGIN}|[/:?])[^\s'\")]*?(?=[:;,.]*(?:[\s'\")]|\Z))", re.I
)
_IS_ADDRESS = re.compile(r"//|@|[/?&][^=]*=")  # but not --file=/a/b
_EXAMPLE = re.compile(r"[a-z]+://(?:USER:PASSWORD@\.*|HOST:PORT)")  # how our own lines show it


def masked(address: str) -> str:
    """An address, well formed or not, as it may be shown, sent and stored.

    Hidden are: all before the last "@" (a password may hold any character where people do not
    write it as %40), the fields of the query or path that are called like secrets, user:password
    in a path, and words that look drawn by lot, as the tokens of recorders do.
    """
    address = _FIELD.sub(rf"\1{HIDDEN}", address)  # whose values may hold an @
    before, at, after = address.rpartition("@")
    scheme = found[0] if (found := _SCHEME.match(address)) else ""
    rest = address[len(scheme) :]
    if at and (":" in before or "//" in before):
        rest = f"{HIDDEN}@{after}"
    elif "//" in scheme and (
        not re.match(r"(\[[^]/]*\]?|[^:/?#]*)(:\d*)?([/?#]|\Z)", rest) or _LOGIN_NAME.match(rest)
    ):
        # What stands for a port is no number, or what stands for a host is no host.
        rest = re.sub(r"\A[^/?#]*", HIDDEN, rest)
    elif not scheme:
        return address
    host, slash, path = rest.partition("/")
    path = _FOLLOWS.sub(rf"\1{HIDDEN}", _PAIR.sub(HIDDEN, slash + path))
    return scheme + _WORD.sub(_shown, host + path)


def masked_text(text: str) -> str:
    """A sentence as it may be shown: each address in it as of `masked`, examples as they are."""
    return _IN_TEXT.sub(_as_shown, text)


def _as_shown(found: re.Match[str]) -> str:
    is_address = _IS_ADDRESS.search(found[0]) and not _EXAMPLE.fullmatch(found[0])
    return masked(found[0]) if is_address else found[0]


def _shown(word: re.Match[str]) -> str:
    is_drawn = "-" in word[0] or len(_TURNS.findall(word[0])) >= MIN_TURNS
    return HIDDEN if is_drawn else word[0]
