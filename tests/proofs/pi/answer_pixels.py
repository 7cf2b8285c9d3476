"""The shipped model's answers to prepared pixels, as JSON: answer_pixels.py RUNTIME PIXELS.npy.

Runs on both machines, with what is installed there.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
from happysad.model.choice import SHIPPED_MODEL
from happysad.model.file import read_model
from happysad.model.network import Network

runtime, pixels_file = sys.argv[1:]
content, contract = read_model(SHIPPED_MODEL)
network = Network(content, runtime=runtime)
scores = [network.scores(pixels) for pixels in np.load(pixels_file)]
about = {"version": version(runtime), "numpy": np.__version__, "step": network.step}
json.dump({**about, "scores": scores}, sys.stdout)
