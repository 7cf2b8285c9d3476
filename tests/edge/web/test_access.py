"""Who may look at the page: tried with a real client against the real server."""

import contextlib
import random
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from edge.errors import OutputError
from edge.web import connection, door
from edge.web.access import HEADERS
from edge.web.invitation import invitation
from edge.web.knocks import FIRST_S, LONGEST_S, MOST, Knocks
from edge.web.place import parse_place
from edge.web.site import FILES
from edge.web.token import read_token
from tests.support.clock import Clock
from tests.support.command import run_program
from tests.support.page_client import Client
from tests.support.page_server import Played, played
from tests.support.patience import until

TOKEN = "a-token-of-the-tests-0123456789"
PATHS = [*FILES, "/healthz", "/snapshot.jpg", "/stream.mjpg", "/answers", "/lessons",
         "/lessons/pictures.zip", "/lessons/pictures/1.png"]  # fmt: skip
CHANGES = ["/classify", "/lessons/hold/happy", "/lessons/release", "/lessons/pictures/1/move/sad",
           "/lessons/pictures/1/delete", "/lessons/keep", "/lessons/keep-not", "/lessons/forget",
           "/lessons/teach", "/lessons/back"]  # fmt: skip
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def here() -> Iterator[Client]:
    """A page for this machine alone."""
    with played() as server:
        yield Client(server.server.port)


@pytest.fixture
def clock() -> Clock:
    """The time that passes after a wrong token."""
    return Clock()


@pytest.fixture
def beyond(clock: Clock) -> Iterator[Client]:
    """A page that others reach, with a token."""
    with played(place="0.0.0.0:0", token=TOKEN, knocks=Knocks(clock)) as server:
        yield Client(server.server.port)


def test_every_answer_has_the_headers_that_keep_a_page_apart(here: Client) -> None:
    for path in (*FILES, "/healthz", "/nowhere"):
        reply = here.ask(path)
        assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS, path
        assert "server" not in reply.headers
    refused = here.ask("/", headers={"Host": "evil.example"})
    assert {name: refused.headers.get(name) for name in HEADERS} == HEADERS
    policy = HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.0.7",
             "evil@127.0.0.1", "127.0.0.1:80:80", "127.0.0.1:port", "[::1", "0.0.0.0", ""],
)  # fmt: skip
def test_a_foreign_host_is_refused(here: Client, host: str) -> None:
    assert here.ask("/snapshot.jpg", headers={"Host": host}).status in (400, 421)


def test_names_are_looked_up_once_and_before_anybody_asks() -> None:
    program = (
        "import sys, time\n"
        "from tests.support.page_client import Client\n"
        "from tests.support.page_server import played\n"
        "looked_up = []\n"
        "sys.addaudithook(lambda name, _: looked_up.append(name == 'socket.gethostbyaddr'))\n"
        "with played(place='0.0.0.0:0') as page:\n"
        "    client = Client(page.server.port)\n"
        "    client.ask('/healthz')\n"
        "    print(sum(looked_up))\n"
        "    for _ in range(3):\n"
        "        assert client.ask('/healthz', headers={'Host': 'evil.example'}).status == 421\n"
        "    print(sum(looked_up))\n"
    )
    done = run_program(program, check=True)
    assert done.stdout == "1\n1\n"


def test_a_request_has_one_host(here: Client) -> None:
    name = f"127.0.0.1:{here.port}"
    assert here.ask("/", headers={"Host": None}).status == 400
    for other in (name, "evil.example"):
        assert here.ask("/", headers=[("Host", name), ("Host", other)]).status == 400


def test_this_machines_own_names_are_allowed(here: Client) -> None:
    for host in ("localhost", "LOCALHOST:1234", "127.0.0.1", "127.0.0.2:80", "[::1]:80"):
        assert here.ask("/healthz", headers={"Host": host}).status == 200, host
    wide = parse_place("0.0.0.0:8080")
    for host in ("192.168.0.7", "2001:db8::1", socket.gethostname(), "localhost"):
        assert wide.allows(host), host
    assert not wide.allows("evil.example")
    assert parse_place("pi.example:8080").allows("pi.example")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1", "null", ""]
)
def test_a_foreign_origin_is_refused_also_for_a_websocket(here: Client, origin: str) -> None:
    for path, method in (*((path, "POST") for path in CHANGES), ("/lessons/pictures.zip", "GET")):
        assert here.ask(path, method, b"", {"Origin": origin}).status == 403
    with pytest.raises(InvalidStatus) as refused, here.live(Origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_the_pages_own_origin_is_none_of_a_stranger(here: Client) -> None:
    own = {"Origin": f"http://127.0.0.1:{here.port}"}
    assert here.ask("/healthz", headers=own).status == 200
    with here.live(**own) as socket:
        assert '"kind": "hello"' in socket.recv()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_an_unexpected_method_is_refused(here: Client, method: str) -> None:
    for path in (*PATHS, *CHANGES):
        assert here.ask(path, method).status == 405, path
    for path in CHANGES:
        assert here.ask(path).status == 405, path
    assert here.ask("/", "POST", b"").status == 405


@pytest.mark.parametrize(
    "path", ["/page", "/server.py", "/../pyproject.toml", "/%2e%2e/pyproject.toml", "//page.css",
             "/page.css/", "/models/faces.tflite", "/..%2f..%2fetc/passwd", "/page.css%00",
             "/docs", "/openapi.json"],
)  # fmt: skip
def test_nothing_is_served_but_what_is_named(here: Client, path: str) -> None:
    reply = here.ask(path)
    assert (reply.status, reply.text) == (404, "Not Found\n")


def test_without_the_token_nothing_answers(beyond: Client) -> None:
    for path in (*PATHS, *CHANGES, "/nowhere"):
        for method in ("GET", "POST"):
            reply = beyond.ask(path, method, b"")
            assert reply.status == 401, path
            assert reply.text.startswith("this page asks for its token: ")
    with pytest.raises(InvalidStatus) as refused, beyond.live():
        pass
    assert refused.value.response.status_code == 401


def test_the_token_goes_from_the_address_into_a_cookie_and_vanishes(beyond: Client) -> None:
    welcome = beyond.ask(f"/?token={TOKEN}")
    assert welcome.status == 200
    assert 'http-equiv="refresh" content="0; url=/"' in welcome.text
    assert TOKEN not in welcome.text
    cookie, *flags = welcome.headers["set-cookie"].split("; ")
    assert cookie == f"happysad-{beyond.port}={TOKEN}"
    assert flags == ["Path=/", "Max-Age=34560000", "HttpOnly", "SameSite=Strict"]
    page = beyond.ask("/", headers={"Cookie": f"other=1; {cookie}"})
    assert page.text.startswith("<!doctype html>")
    with beyond.live(Cookie=cookie) as live:
        assert '"kind": "hello"' in live.recv()
    # Only the page's own address takes it: in others it would end up in logs and histories.
    assert beyond.ask(f"/healthz?token={TOKEN}").status == 401


def test_a_token_of_any_signs_goes_through_the_address() -> None:
    token = "".join(chr(sign) for sign in range(33, 127) if chr(sign) not in '",;\\')
    with played(place="0.0.0.0:0", token=token) as server:
        client = Client(server.server.port)
        line = invitation([f"http://127.0.0.1:{client.port}/"], token)[0]
        path = line.removeprefix(f"page: http://127.0.0.1:{client.port}")
        cookie = client.ask(path).headers["set-cookie"].partition("; ")[0]
        assert client.ask("/healthz", headers={"Cookie": cookie}).status == 200


def test_a_program_sends_it_in_a_header(beyond: Client) -> None:
    assert beyond.ask("/healthz", headers=BEARER).status == 200
    assert beyond.ask("/classify", "POST", b"x", BEARER).status == 422
    assert beyond.ask("/healthz", headers={"Authorization": f"Basic {TOKEN}"}).status == 401


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}x"},
                {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Authorization": "Bearer \xff\xfe"}],
)  # fmt: skip
def test_after_a_wrong_token_even_the_right_one_must_wait(
    beyond: Client, clock: Clock, headers: dict[str, str]
) -> None:
    wrong = beyond.ask("/healthz", headers=headers)
    assert (wrong.status, wrong.text[:20]) == (401, "the token is wrong: ")
    reply = beyond.ask("/healthz", headers=BEARER)
    assert (reply.status, reply.text) == (429, "too many wrong tokens: wait 1 s\n")
    assert reply.headers["retry-after"] == "1"
    clock.now_s += FIRST_S
    assert beyond.ask("/healthz", headers=BEARER).status == 200


def test_a_person_without_the_token_gets_a_page_with_a_field_for_it(beyond: Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for path, status, said in (
        ("/", 401, "This page asks for its token."),
        ("/?token=%3Cb%3Ewrong", 401, "This token is wrong."),
        (f"/?token={TOKEN}", 429, "Too many wrong tokens: wait 1 s, and try again."),
    ):
        reply = beyond.ask(path, headers=browser)
        assert reply.status == status
        assert f"<strong>{said}</strong>" in reply.text
        assert '<form action="/" method="get">' in reply.text
        assert "<b>" not in reply.text
        assert TOKEN not in reply.text
        assert "set-cookie" not in reply.headers
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert "script" not in policy
        others = HEADERS.keys() - {"content-security-policy"}
        assert {name: reply.headers.get(name) for name in others} == {
            name: HEADERS[name] for name in others
        }
    assert reply.headers["retry-after"] == "1"
    script = beyond.ask("/healthz", headers={"Accept": "*/*"})
    assert script.headers["content-type"] == "text/plain; charset=utf-8"


def test_pauses_double_and_end_and_the_same_token_again_is_no_new_guess() -> None:
    clock = Clock()
    knocks = Knocks(clock)
    for pause_s in (FIRST_S, 2 * FIRST_S, 4 * FIRST_S):
        assert knocks.wait_s("1.2.3.4") == 0
        knocks.wrong("1.2.3.4", str(pause_s).encode())
        knocks.wrong("1.2.3.4", str(pause_s).encode())
        assert knocks.wait_s("1.2.3.4") == pause_s
        assert knocks.wait_s("1.2.3.5") == 0
        clock.now_s += pause_s
    for number in range(10):
        knocks.wrong("1.2.3.4", f"guess {number}".encode())
    assert knocks.wait_s("1.2.3.4") == LONGEST_S
    clock.now_s += 10000
    assert knocks.wait_s("1.2.3.4") == 0
    knocks.wrong("1.2.3.4", b"much later")
    assert knocks.wait_s("1.2.3.4") == FIRST_S


def test_of_many_guessers_only_so_many_are_remembered() -> None:
    knocks = Knocks(Clock())
    for number in range(MOST + 1):
        knocks.wrong(f"client {number}", b"x")
    assert knocks.wait_s("client 0") == 0
    assert knocks.wait_s("client 1") > 0


def test_a_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "web-token"
    token = read_token(path)
    assert re.fullmatch(r"[\w-]{32}", token)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_token(path) == token
    assert list(path.parent.iterdir()) == [path]
    assert read_token(tmp_path / "other") != token


def test_where_nobody_can_listen_no_token_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OutputError, match=f"^--web {place}: Address already in use"):
            Played(place, read=lambda: read_token(tmp_path / "token"))
    assert list(tmp_path.iterdir()) == []


def test_where_the_token_is_no_secret_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "token").touch(0o600)
    with pytest.raises(OutputError, match="a token is 16 or more letters"):
        Played("127.0.0.1:0", read=lambda: read_token(tmp_path / "token"))


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"0123456789abcdef\n", 0o640, "{path} can be read by others: chmod 600 {path}"),
        (b"0123456789abcde\n", 0o600, "{path}: a token is 16 or more letters and digits; "),
        (b"0123456789 abcdef", 0o600, "{path}: a token is 16 or more letters and digits; "),
        ("0123456789abcdé".encode(), 0o600, "{path}: a token is 16 or more letters and digits; "),
        (b"", 0o600, "{path}: a token is 16 or more letters and digits; "),
    ],
)
def test_a_token_file_that_is_no_secret_is_refused(
    tmp_path: Path, content: bytes, mode: int, reason: str
) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(OutputError) as refused:
        read_token(path)
    assert str(refused.value).startswith(reason.format(path=path))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("8080", "127.0.0.1:8080"), ("0.0.0.0:80", "0.0.0.0:80"), ("[::1]:8080", "[::1]:8080"),
        ("pi.local:1", "pi.local:1"),
    ],
)  # fmt: skip
def test_a_place_is_a_port_of_this_machine_or_a_host_and_a_port(text: str, shown: str) -> None:
    assert str(parse_place(text)) == shown
    assert parse_place(text).is_loopback == (text in ("8080", "[::1]:8080"))


@pytest.mark.parametrize("text", ["", "web", "65536", "-1", ":8080", "::1:8080", "host:", "1:2:3"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}: "):
        parse_place(text)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    pair = folder / "cert.pem", folder / "key.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-out", str(pair[0]), "-keyout", str(pair[1])],
        capture_output=True,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl that makes a certificate")
    return pair


def test_with_a_certificate_all_is_encrypted_and_so_is_the_cookies_way(
    certificate: tuple[Path, Path],
) -> None:
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with played(token=TOKEN, certificate=certificate) as server:
        client = Client(server.server.port, tls=context)
        assert server.server.scheme == "https"
        welcome = client.ask(f"/?token={TOKEN}")
        assert welcome.headers["set-cookie"].endswith("; Secure")
        assert client.ask("/healthz", headers=BEARER).status == 200
        own = f"https://127.0.0.1:{client.port}"
        assert client.ask("/healthz", headers={**BEARER, "Origin": own}).status == 200
        foreign = {**BEARER, "Origin": own.replace("https", "http")}
        assert client.ask("/healthz", headers=foreign).status == 403
        with socket.create_connection(("127.0.0.1", client.port)) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200 OK" not in plain.recv(1000)


def test_connections_are_few_also_before_they_are_encrypted(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST", 2)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with played(certificate=certificate) as server:
        client = Client(server.server.port, tls=context)
        silent = [socket.create_connection(("127.0.0.1", client.port), 20) for _ in range(3)]
        with contextlib.suppress(ConnectionResetError):
            assert silent[2].recv(1) == b""
        silent[0].close()
        until(lambda: _is_answered(client))  # there is room again
        for link in silent:
            link.close()


def test_who_never_begins_to_encrypt_is_put_out(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENT_S", 0.2)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with played(certificate=certificate) as server:
        client = Client(server.server.port, tls=context)
        with socket.create_connection(("127.0.0.1", client.port), 20) as silent:
            assert silent.recv(1) == b""  # asyncio's own limit is 60 s
        monkeypatch.undo()
    with played(certificate=certificate) as server:
        assert _is_answered(Client(server.server.port, tls=context))


def _is_answered(client: Client) -> bool:
    try:
        return client.ask("/healthz").status == 200
    except OSError:
        return False


def test_a_certificate_that_cannot_be_used_is_said_in_a_line(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    missing, text = tmp_path / "no.pem", tmp_path / "text.pem"
    text.write_text("no key")
    for pair, said in (
        ((missing, certificate[1]), f"cannot read {missing} or {certificate[1]}: No such file"),
        ((text, text), f"{text} and {text} cannot be used ("),
        ((certificate[0], text), f"{certificate[0]} and {text} cannot be used ("),
    ):
        with pytest.raises(OutputError) as refused, played(certificate=pair):
            pass
        assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("token", "expected"),
    [(None, {200, 400, 403, 404, 405, 421}), (TOKEN, {400, 401, 403, 421, 429})],
)
def test_no_request_whatever_ends_in_a_500(
    token: str | None, expected: set[int], capfd: pytest.CaptureFixture[str]
) -> None:
    """Requests made of good and bad parts; seeded."""
    chance = random.Random(16)
    with played(token=token) as server, server.playing():
        port = server.server.port
        statuses = {_status(port, _odd_request(port, chance)) for _ in range(300)}
        assert Client(port).ask("/healthz").status in (200, 401)
    assert statuses >= expected
    assert not {status for status in statuses if status >= 500} - {503}
    assert "Traceback" not in capfd.readouterr().err


def _odd_request(port: int, chance: random.Random) -> bytes:
    methods = ["GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "get", "G\x00T", "A" * 300, ""]
    paths = [*PATHS, *CHANGES, "/live", "/lessons/pictures/9" + "9" * 5000 + ".png",
             "/lessons/pictures/1/move/%ff", "/lessons/hold/%00", "/?token=" + "x" * 500,
             "/?token=%ff&token=%00", "/%",
             "/%ff", "*", "", "http://evil/", "/?" + "&" * 50, "/" + "a" * 70000,
             "/\xff"]  # fmt: skip
    host = f"Host: 127.0.0.1:{port}"
    lines = [
        host, "Host: \xff", "Host: [", "Origin: x", "Content-Length: 5", "Content-Length: -1",
        "Content-Length: 99999999999", "Transfer-Encoding: chunked", "Cookie: happysad=\xff",
        'Cookie: a="; ;=', f"Cookie: happysad-{port}=\xe9", "Authorization: Bearer",
        "Authorization: Bearer \xe9", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13", "no colon", "Expect: 100-continue",
        "X: " + "x" * 20000, ": nameless", "Range: bytes=0-",
    ]  # fmt: skip
    head = [f"{chance.choice(methods)} {chance.choice(paths)} HTTP/1.{chance.choice('01')}"]
    head += [host] * (chance.random() < 0.8) + chance.sample(lines, chance.randrange(4))
    body = chance.randbytes(chance.choice([0, 5, 300]))
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def _status(port: int, request: bytes) -> int:
    """That of the answer; 0 where there is none, as where the server waits for more."""
    with socket.create_connection(("127.0.0.1", port), 5) as link:
        link.settimeout(0.1)
        link.sendall(request)
        try:
            found = re.match(rb"HTTP/1.1 (\d+)", link.recv(100))
        except OSError:
            return 0
    return int(found[1]) if found else 0
