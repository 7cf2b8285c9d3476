"""What is kept of the past: the course of a run, and its picture."""
