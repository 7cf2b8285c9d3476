"""The answer to a server that asks who is there: HTTP Basic (RFC 7617) and Digest (RFC 7616)."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": hashlib.md5,
    "SHA-256": hashlib.sha256,
}


@dataclass(slots=True)
class Authorization:
    """How to answer one server.

    Attributes:
        user: The user's name.
        password: The password.
        challenge: What the server asked last: the fields of its "Digest", or None for "Basic".
        uses: How often the challenge was answered.
    """

    user: str
    password: str
    challenge: dict[str, str] | None
    uses: int = 0

    def header(self, method: str, target: str) -> str:
        """The value of the header "Authorization".

        Args:
            method: Of the request, as "GET".
            target: Its path and query; of RTSP, its address.

        Returns:
            A character for each byte, as of what the server has sent (RFC 9110, 5.5): names are
            in UTF-8, the realm is as it came.
        """
        if self.challenge is None:
            pair = f"{self.user}:{self.password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        self.uses += 1
        return f"Digest {self._digest(self.challenge, method, target)}"

    def _digest(self, challenge: dict[str, str], method: str, target: str) -> str:
        algorithm = challenge.get("algorithm", "MD5").upper()
        compute = _HASHES[algorithm.removesuffix("-SESS")]

        def digest(*parts: str) -> str:
            return compute(":".join(parts).encode("latin-1")).hexdigest()

        user, password = (text.encode().decode("latin-1") for text in (self.user, self.password))
        realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
        count, client = f"{self.uses:08x}", secrets.token_hex(8)
        who, what = digest(user, realm, password), digest(method, target)
        if algorithm.endswith("-SESS"):
            who = digest(who, nonce, client)
        fields = {
            "username": _quoted(user), "realm": _quoted(realm), "nonce": _quoted(nonce),
            "uri": _quoted(target), "algorithm": challenge.get("algorithm"),
            "opaque": _quoted(challenge["opaque"]) if "opaque" in challenge else None,
        }  # fmt: skip
        if "qop" in challenge:
            answer = digest(who, nonce, count, client, "auth", what)
            fields |= {"qop": "auth", "nc": count, "cnonce": _quoted(client)}
        else:
            answer = digest(who, nonce, what)
        fields["response"] = _quoted(answer)
        return ", ".join(f"{name}={value}" for name, value in fields.items() if value is not None)


def authorize(user: str, password: str, challenges: Sequence[str]) -> Authorization | None:
    """The way to answer: Digest where the server knows it, so that the password is not sent.

    Returns:
        None where the server wants what is not known here.
    """
    # One header may hold several challenges; a scheme is a word that no "=" follows.
    text = ", ".join(challenges)
    starts = list(re.finditer(r"(?:^|,)\s*(\w+)(?=\s+[\w-]+\s*=|\s*(?:,|$))", text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    has_basic = False
    for start, end in zip(starts, ends, strict=True):
        scheme = start[1].lower()
        has_basic |= scheme == "basic"
        fields = {
            name.lower(): value
            for name, value in parse_keqv_list(
                [item for item in parse_http_list(text[start.end() : end]) if "=" in item]
            ).items()
        }
        algorithm = fields.get("algorithm", "MD5").upper().removesuffix("-SESS")
        ways = fields.get("qop", "auth").replace(" ", "").split(",")
        if scheme == "digest" and algorithm in _HASHES and "auth" in ways:
            return Authorization(user, password, fields)
    return Authorization(user, password, None) if has_basic else None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
