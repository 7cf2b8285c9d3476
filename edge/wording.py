"""How numbers are said."""


def counted(number: int, thing: str, things: str = "") -> str:
    """A number with its noun: "1 image", "2 images".

    Args:
        number: How many.
        thing: The noun, of one.
        things: Of several; with an s if left out.
    """
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
