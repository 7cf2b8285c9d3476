"""What outputs cost: real runs of a film, with all of them on and a broker on loopback."""

from pathlib import Path

import pytest

from bench.child import ChildError
from bench.outputs import OUTPUTS, Cost, measure, row_text, write_film
from tests.support.mosquitto import mosquitto


def test_a_run_with_all_outputs_and_a_viewer_is_measured(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", 240)
    with mosquitto(tmp_path) as broker:
        words = (str(film), "--max-fps", "90", *OUTPUTS, f"mqtt://127.0.0.1:{broker.port}")
        cost = measure(tmp_path, words, viewers=1)
    assert 0 < cost.fps < 100
    assert 0 < cost.loop_ms < cost.cpu_ms
    made = tmp_path / "made"
    assert (made / "h.db").exists()
    assert list((made / "photos").iterdir())
    assert list((made / "clips").iterdir())


def test_rates_are_compared_within_each_pair() -> None:
    slow, fast = (Cost(10.0, 2.0, 1.0), Cost(9.0, 4.0, 1.5)), (Cost(30.0, 2.0, 1.0),) * 2
    row = row_text("camera", "all outputs", [slow, fast, slow])
    assert "| 10.0, then 9.0 | 0.900 (0.900 to 1.000) | 2.00, then 4.00 ms |" in row


def test_a_run_that_is_too_short_to_be_measured_says_so(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", 40)
    with pytest.raises(ChildError, match="too short, give more --seconds"):
        measure(tmp_path, (str(film), "--max-fps", "100"))


def test_a_run_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="webcam failed: error: .*no such video file"):
        measure(tmp_path, (str(tmp_path / "no.mp4"),))
