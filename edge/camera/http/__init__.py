"""Pictures from HTTP servers: multipart streams and snapshot addresses, read without FFmpeg."""
