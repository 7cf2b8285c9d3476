"""Who is told of each moment: one module an output."""
