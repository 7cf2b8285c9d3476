"""Runs `python -m data`."""

from data.cli import app
from edge.cli.exits import run

run(app)
