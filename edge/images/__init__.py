"""Pictures and videos: files become BGR frames, frames become the model's input."""
