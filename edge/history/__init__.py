"""What is kept of the past: the course of a run, a history of many, and their pictures."""
