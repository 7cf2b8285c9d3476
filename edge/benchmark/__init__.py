"""What answering costs on this machine: inference, the whole step, and the start."""
