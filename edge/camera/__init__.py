"""Where live frames come from: cameras, streams and videos, and what can go wrong with them."""
