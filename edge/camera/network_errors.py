"""Why there is no picture from the network, and what to do: one sentence for each reason."""

import http.client
import socket
import ssl
from http.client import HTTPException

from ..errors import one_line

# By PyAV's names of FFmpeg's errors.
_STATUSES = {
    "HTTPUnauthorizedError": 401, "HTTPForbiddenError": 403, "HTTPNotFoundError": 404,
    "HTTPServerError": 500,
}  # fmt: skip
SILENCE = "it takes the connection and says nothing"
UNKNOWN_CHALLENGE = "401: it asks for the password in a way that is neither Basic nor Digest"


def status_problem(status: int, reason: str, scheme: str, has_user: bool) -> str:
    """What a status of HTTP or RTSP other than success means."""
    reason = one_line(reason or http.client.responses.get(status, "no reason given"))
    if status == 401 and not has_user:
        return f"401: it wants a user and password: {scheme}://USER:PASSWORD@..."
    if status == 401:
        return "401: the user or the password is wrong"
    if status == 403:
        return "403: it is forbidden to this user: look into the camera's list of users"
    if status in (404, 410):
        return f"{status}: there is no such path: look it up in the camera's manual"
    if status >= 500:
        return f"{status}: the camera's server fails ({reason}): try later, or restart it"
    return f"{status}: the camera's server refuses ({reason})"


def decoder_problem(error: Exception) -> str:
    """What PyAV's error, the cause of this one, means of a stream that was there before."""
    cause = error.__cause__
    name = type(cause).__name__
    if name in _STATUSES:
        return status_problem(_STATUSES[name], "", "", has_user=True)
    if isinstance(cause, TimeoutError) or name == "ExitError":  # PyAV's limit of time
        return SILENCE
    if isinstance(cause, ConnectionRefusedError):
        return "it refuses the connection: is the camera's server on, and the port right?"
    return f"the stream cannot be read ({error})"


def connection_problem(error: Exception, host: str | None, is_connected: bool) -> str:
    """Why there was no answer."""
    host = one_line(host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message.rstrip('.')}): "
            "SSL_CERT_FILE names one to trust, --insecure goes on without a check"
        )
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS: is the s of https:// or rtsps:// right?"
    if isinstance(error, (socket.gaierror, UnicodeError)):  # the latter: no name at all
        return f"no host {host} is known: is the name right?"
    if isinstance(error, ConnectionRefusedError):
        return f"{host} refuses the connection: is the camera's server on, and the port right?"
    if isinstance(error, TimeoutError):
        if is_connected:
            return SILENCE
        return f"{host} does not answer: is it switched on, and the address right?"
    if isinstance(error, ConnectionError):
        return "it closes the connection without an answer"
    if isinstance(error, HTTPException):
        return "what answers there does not speak HTTP: is the port right?"
    return f"{host} cannot be reached ({getattr(error, 'strerror', None) or error})"
