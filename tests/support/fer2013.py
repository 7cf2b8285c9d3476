"""Small sets in the forms of FER2013, with noise for faces."""

import io
import tarfile
import zipfile

import numpy as np

from data.importer.csv_rows import CSV_EXPRESSIONS
from edge.machine.opencv import cv2

USAGES = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
COUNTS = {
    "Training": {"happy": 5, "sad": 4, "neutral": 3, "angry": 2, "disgust": 1, "fear": 1},
    "PublicTest": {"happy": 2, "sad": 2, "neutral": 1, "surprise": 1},
    "PrivateTest": {"happy": 2, "sad": 1, "neutral": 1, "angry": 1},
}


def face(seed):
    """Noise: what an image shows does not matter here, only whether two show the same."""
    return np.random.default_rng(seed).integers(0, 256, (48, 48), np.uint8)


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def some_rows():
    """(Usage, expression, pixels), all different."""
    labels = [(u, e) for u, counts in COUNTS.items() for e, n in counts.items() for _ in range(n)]
    return [(usage, label, face(seed)) for seed, (usage, label) in enumerate(labels)]


def csv_text(rows, header="emotion,pixels,Usage"):
    lines = [header]
    for usage, label, pixels in rows:
        fields = {
            "emotion": str(CSV_EXPRESSIONS.index(label)),
            "pixels": " ".join(map(str, pixels.ravel())),
            "Usage": usage,
        }
        lines.append(",".join(fields[name.strip()] for name in header.split(",")))
    return "\n".join(lines) + "\n"


def image_files(rows, name="fer2013/{part}/{label}/{number}.png", parts=USAGES, labels=None):
    """Content by path."""
    return {
        name.format(part=parts[usage], label=(labels or {}).get(label, label), number=i): png(image)
        for i, (usage, label, image) in enumerate(rows)
    }


def put(root, files):
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def put_tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def put_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def put_csv(path, rows, **options):
    path.write_text(csv_text(rows, **options))
    return path
