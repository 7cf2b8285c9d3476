"""Options that do nothing by themselves are wrong usage, and say what they belong to."""

import re

import pytest
import typer

from edge.cli.belonging import BELONGS
from edge.cli.service_words import parsed

FLAGS = ("blur", "blur_others", "mqtt_pictures")
PICTURES = "--photo, --clip or --keep-doubtful"


@pytest.mark.parametrize("name", BELONGS)
def test_an_option_that_does_nothing_alone_is_refused(name: str) -> None:
    option = f"--{name.replace('_', '-')}"
    with pytest.raises(typer.BadParameter, match=f"^{option} belongs to --{BELONGS[name][0]}"):
        parsed((option, *(() if name in FLAGS else ("3",))))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--history", "x.db", "--clip-after", "3"), "--clip-after belongs to --clip"),
        (("--mqtt", "mqtt://h", "--keep-days", "3"), f"--keep-days belongs to {PICTURES}"),
        (("--pictures-mb", "3"), "--pictures-mb belongs to --web or --show"),
    ],
)
def test_it_says_all_that_the_option_may_belong_to(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"^{re.escape(message)}$"):
        parsed(words)


def test_with_one_of_them_it_is_taken_also_where_its_value_is_the_usual_one() -> None:
    given = parsed(("--photo", "happy:x", "--keep-mb", "500", "--keep-pause", "3", "--blur"))
    assert (given.keep.caps.megabytes, given.keep.pause_s, given.keep.blur) == (500, 3, "all")
    assert parsed(("--show", "--pictures-mb", "3")).pictures_mb == 3
    assert parsed(("--web", "0", "--web-viewers", "3")).web_viewers == 3
