"""SHA-256 without OpenSSL: `hashlib` loads all of it, 3.4 MB of memory, for this one function."""

try:
    from _sha2 import sha256  # Python 3.12 and later
except ImportError:
    try:
        from _sha256 import sha256
    except ImportError:  # built without its own
        from hashlib import sha256


def sha256_hex(content: bytes | memoryview) -> str:
    """The SHA-256 of some bytes, hexadecimal."""
    return str(sha256(content).hexdigest())
