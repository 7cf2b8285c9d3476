"""The names of what is answered, in the order in which models have them."""

CLASSES = ("happy", "sad")  # of a model with two answers: alphabetical, the sigmoid is P(sad)
ANSWERS = (*CLASSES, "neutral")  # of a model with three
LOGITS = (*ANSWERS, "other")  # its outputs: the last is for all other expressions
