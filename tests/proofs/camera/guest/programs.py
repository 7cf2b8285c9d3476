"""The installed program."""

PACKAGES = ("happysad", "happysad-numpy1")  # sets of packages, each a folder of /opt
FIRST = PACKAGES[0]
SMILE = (FIRST, "YUYV")  # what is watched first: a set of packages, and a film


def happysad(packages: str = FIRST, user: str | None = None) -> list[str]:
    """The command, from one of the sets of packages.

    Args:
        packages: Which one.
        user: Who runs it; None for root.
    """
    program = f"/opt/{packages}/bin/happysad"
    return ["runuser", "-u", user, "--", program] if user else [program]
