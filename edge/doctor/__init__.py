"""Examines the machine: whether everything that the runner needs is there and works."""

from .examination import examine
from .finding import Finding, text_line

__all__ = ["Finding", "examine", "text_line"]
