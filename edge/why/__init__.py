"""What made an answer: which places of a face spoke for it, and what hiding them costs."""
