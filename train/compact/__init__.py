"""The compact network: the shipped model, and what is fine-tuned from it."""
