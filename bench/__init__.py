"""This project measured on one machine against what people would use in its place."""
