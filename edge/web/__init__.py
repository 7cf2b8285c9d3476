"""A page beside the live runner: the server, who may look, and the page itself."""
