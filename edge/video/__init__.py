"""Videos and network streams frame by frame, with PyAV: upright, at exact times, none stale."""
