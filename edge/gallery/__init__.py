"""Pictures and clips that are kept: folders with caps, blurred faces, the last seconds."""
