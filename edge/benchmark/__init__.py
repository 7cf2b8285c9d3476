"""What answering costs on this machine: inference, the whole step, the start, and the limits."""
