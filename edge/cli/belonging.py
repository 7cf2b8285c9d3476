"""Options that do nothing without another one: given alone, they are wrong usage."""

import typer

PICTURES = ("photo", "clip", "keep_doubtful")
BELONGS = {
    "history_days": ("history",),
    "clip_before": ("clip",),
    "clip_after": ("clip",),
    "keep_pause": PICTURES,
    "keep_mb": PICTURES,
    "keep_days": PICTURES,
    "blur": (*PICTURES, "mqtt_pictures"),
    "blur_others": (*PICTURES, "mqtt_pictures"),
    "web_token_file": ("web",),
    "web_cert": ("web",),
    "web_key": ("web",),
    "web_viewers": ("web",),
    "pictures_mb": ("web", "show"),
    "mqtt_login": ("mqtt",),
    "mqtt_ca": ("mqtt",),
    "mqtt_cert": ("mqtt",),
    "mqtt_key": ("mqtt",),
    "mqtt_name": ("mqtt",),
    "mqtt_pictures": ("mqtt",),
}


def check_belonging(context: typer.Context) -> None:
    """Finds an option that was given without those that it belongs to.

    Raises:
        typer.BadParameter: There is one.
    """
    for name, owners in BELONGS.items():
        source = context.get_parameter_source(name)
        is_given = source is not None and source.name != "DEFAULT"
        if is_given and not any(context.params[owner] for owner in owners):
            *others, last = map(_option, owners)
            raise typer.BadParameter(
                f"{_option(name)} belongs to {' or '.join(filter(None, (', '.join(others), last)))}"
            )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
