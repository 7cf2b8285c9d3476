"""The images of FER2013 as they were published, which lie beside the checkout where they are."""

from pathlib import Path

from data.importer.importer import import_fer2013
from tests.support.shared import shared


def test_the_published_images_are_imported_in_their_known_numbers(tmp_path: Path) -> None:
    parts = [shared(f"datasets/fer2013-{part}.tar.gz") for part in ("train", "validation")]
    report = import_fer2013(parts, tmp_path / "set", ("happy", "sad", "neutral"))
    assert report.images["train"] == {"happy": 7183, "sad": 4786, "neutral": 4934}
    assert report.images["validation"] == {"happy": 894, "sad": 649, "neutral": 607}
