"""What the page may do about teaching: each wish is a POST of one form, and no more is heard."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.web.lessons import FOLDER, zipped
from tests.support.page_client import Client
from tests.support.page_server import Played, played
from tests.support.patience import until


@pytest.fixture(scope="module")
def page() -> Iterator[Played]:
    with played() as server:
        yield server


@pytest.fixture(scope="module")
def client(page: Played) -> Client:
    return Client(page.server.port)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("hold/happy", "hold happy"),
        ("release", "release"),
        ("pictures/7/move/sad", "move 7 sad"),
        ("pictures/7/delete", "delete 7"),
        ("keep", "keep True"),
        ("keep-not", "keep False"),
        ("forget", "forget"),
        ("teach", "teach"),
    ],
)
def test_a_wish_is_done_and_answered_with_what_there_is_to_show_then(
    page: Played, client: Client, path: str, asked: str
) -> None:
    page.lessons.asked.clear()
    for method in ("GET", "PUT", "DELETE"):
        assert client.ask(f"/lessons/{path}", method).status == 405
    foreign = {"Origin": "http://evil.example"}
    assert client.ask(f"/lessons/{path}", "POST", b"", foreign).status == 403
    assert page.lessons.asked == []
    reply = client.ask(f"/lessons/{path}", "POST", b"")
    assert (reply.status, reply.json()) == (200, {"asked": [asked]})
    assert client.ask("/lessons").json() == {"asked": [asked]}


@pytest.mark.parametrize(
    "path", ["pictures/../move/sad", "pictures/-1/delete", "pictures/x/delete", "pictures/1/move",
             "pictures/1/move/sad/x", "hold", "hold/a/b", "nothing", "pictures/1.5/delete",
             "pictures/%2e%2e/delete", f"pictures/{'9' * 5000}/delete", "pictures/%C2%B2/delete"],
)  # fmt: skip
def test_pictures_have_numbers_and_nothing_else_is_heard(client: Client, path: str) -> None:
    assert client.ask(f"/lessons/{path}", "POST", b"").status == 404


def test_what_does_not_go_is_said_in_a_line(client: Client) -> None:
    reply = client.ask("/lessons/back", "POST", b"")
    assert (reply.status, reply.text) == (409, "there is no model to go back to\n")


def test_a_picture_is_given_by_its_number(client: Client) -> None:
    reply = client.ask("/lessons/pictures/1.png")
    assert (reply.headers["content-type"], reply.body) == ("image/png", b"a picture")
    assert client.ask("/lessons/pictures/2.png").text == "this picture is gone\n"
    assert client.ask("/lessons/pictures/1.png", "POST", b"").status == 405


def test_the_archive_is_a_folder_as_training_reads_it(client: Client) -> None:
    reply = client.ask("/lessons/pictures.zip")
    assert reply.headers["content-disposition"] == 'attachment; filename="my-faces.zip"'
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["my-faces/happy/1.png"]
        assert archive.read("my-faces/happy/1.png") == b"a picture"


def test_the_archive_holds_one_picture_at_a_time() -> None:
    given = []

    def files() -> Iterator[tuple[str, bytes]]:
        for number in range(5):
            given.append(number)
            yield f"sad/{number}.png", bytes(1000)

    parts = zipped(files())
    for number in range(5):
        assert len(next(parts)) < 1300
        assert given == list(range(number + 1))
    assert Path(FOLDER).name == FOLDER


def test_who_looks_hears_that_there_is_something_new(page: Played, client: Client) -> None:
    with client.live() as live:
        kinds = [json.loads(live.recv())["kind"] for _ in range(2)]
        assert kinds == ["hello", "nothing"]
        page.lessons.revision += 1
        live.send("next")
        assert json.loads(live.recv(timeout=20))["kind"] == "lessons"
    until(lambda: page.screen.taken == 0)
