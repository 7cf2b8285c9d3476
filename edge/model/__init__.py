"""The model: its file and contract, the interpreter, and which one is meant."""
