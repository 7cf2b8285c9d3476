"""What a person reads in a terminal: lines, progress, the live line."""
