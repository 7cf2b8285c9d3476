"""The model file: TFLite FlatBuffer with its metadata inside and the contract's archive behind."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from edge.model.archive import CONTRACT_NAME, GOLDEN_NAME, LABELS_NAME
from edge.model.contract import OUTPUTS

METADATA_NAME = "TFLITE_METADATA"
ARCHIVE_FILES = {
    CONTRACT_NAME: "Input, crop, decision band, metrics, training data and versions, as JSON.",
    GOLDEN_NAME: "Golden inputs and the exported model's answers to them (numpy arrays).",
}


def insert_metadata(flatbuffer: bytes, metadata: bytes) -> bytes:
    """The same TFLite model with a TFLITE_METADATA buffer that holds `metadata`."""
    model = schema.ModelT.InitFromPackedBuf(flatbuffer, 0)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(metadata, np.uint8)
    entry = schema.MetadataT()
    entry.name, entry.buffer = METADATA_NAME, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(len(flatbuffer) + len(metadata) + 4096)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def append_archive(
    flatbuffer: bytes, contract: Mapping[str, Any], inputs: np.ndarray, scores: np.ndarray
) -> bytes:
    """The whole model file; the same arguments give the same bytes.

    Args:
        flatbuffer: The TFLite model with its metadata.
        contract: What goes into contract.json; the FlatBuffer's checksum is added.
        inputs: Golden inputs, uint8 (n, height, width, channels).
        scores: float64 (n, 1 or 4): the model's scores for them.
    """
    golden = io.BytesIO()
    # Files with two answers stay readable by the first version of the device.
    if scores.shape[1] == 1:
        np.savez_compressed(golden, inputs=inputs, p_happy=scores[:, 0])
    else:
        np.savez_compressed(golden, inputs=inputs, scores=scores)
    checksum = {"flatbuffer_sha256": hashlib.sha256(flatbuffer).hexdigest()}
    files = {
        LABELS_NAME: "".join(f"{label}\n" for label in OUTPUTS[contract["schema"]]).encode(),
        CONTRACT_NAME: json.dumps({**contract, **checksum}, indent=1, allow_nan=False).encode(),
        GOLDEN_NAME: golden.getvalue(),
    }
    content = io.BytesIO(flatbuffer)
    # Stored, not deflated: MediaPipe maps the associated files into memory as they are.
    with zipfile.ZipFile(content, "a", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # ZipInfo's date is fixed: 1980
    return content.getvalue()
