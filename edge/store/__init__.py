"""The models installed on a device: kept beside each other, one of them in use."""
