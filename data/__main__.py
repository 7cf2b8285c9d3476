"""Runs `python -m data`."""

from data.cli import app
from edge.command import run

run(app)
