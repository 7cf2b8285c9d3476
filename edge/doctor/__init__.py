"""Examines the machine: whether everything that the runner needs is there and works."""

from .examination import examine
from .finding import Finding, as_dict, text_line

__all__ = ["Finding", "as_dict", "examine", "text_line"]
