"""The benchmark of archives: real runs of a few pictures, and what is reckoned of them."""

from pathlib import Path

import pytest

from bench import archive
from bench.archive import archive_text, estimate, measure_archive
from data.drawing import draw_set


def test_what_many_pictures_take_is_reckoned_from_one() -> None:
    found = estimate(picture_s=0.0036, task_cpu_s=0.009)
    assert found["core_hours"] == pytest.approx(100)
    assert found["hours"] == pytest.approx(2.5)
    assert found["scheduler_minutes"] == pytest.approx(1.5)
    assert found["most_cores"] == pytest.approx(4000)


@pytest.mark.long
def test_one_and_two_workers_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_set(tmp_path / "drawn", per_class=8)
    monkeypatch.setattr(archive, "TASKS", 8)
    done = measure_archive(tmp_path / "drawn", tmp_path / "out", rounds=1)
    assert [run["workers"] for run in done["runs"]] == [1, 2]
    for run in done["runs"]:
        assert run["pictures"] == 16
        assert run["pictures_per_s"] > 0
        assert run["picture_s"] > 0
        assert 0 <= run["other"] < 1
    assert done["task_cpu_s"] > 0
    assert done["estimate"] == estimate(done["runs"][0]["picture_s"], done["task_cpu_s"])
    text = archive_text(done).splitlines()
    assert text[0].split() == [
        "workers", "pictures", "a", "second", "ms", "of", "a", "worker", "each", "neither",
        "reading", "nor", "answering",
    ]  # fmt: skip
    assert [line.split()[0] for line in text[1:3]] == ["1", "2"]
    assert text[-1].startswith("which could feed ")
