"""What Home Assistant is told of a device, in one message (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload)."""

from collections.abc import Sequence
from typing import Any

from .. import __version__
from .device import Device

STATUS = "homeassistant/status"  # where Home Assistant itself says "online", at its start
ONLINE, OFFLINE = b"online", b"offline"


def discovery(
    device: Device, model: str, answers: Sequence[str], has_pictures: bool
) -> dict[str, Any]:
    """The message, as JSON has it.

    There is no `expire_after`: that a device is away is said by its availability.
    """
    components: dict[str, dict[str, Any]] = {
        "expression": {
            "platform": "sensor",
            "name": "Expression",
            "device_class": "enum",
            "options": [*answers, "unsure", "no_face"],
            "icon": "mdi:emoticon-outline",
        },
        "smiling": {
            "platform": "binary_sensor",
            "name": "Smiling",
            "icon": "mdi:emoticon-happy-outline",
        },
        "p_happy": {
            "platform": "sensor",
            "name": "Probability of happy",
            "unit_of_measurement": "%",
            "state_class": "measurement",
            "icon": "mdi:percent-outline",
        },
        "faces": {
            "platform": "sensor",
            "name": "Faces",
            "state_class": "measurement",
            "icon": "mdi:face-recognition",
        },
        "camera": {
            "platform": "binary_sensor",
            "name": "Camera",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
        },
    }
    for answer in answers:
        components[f"{answer}_today"] = {
            "platform": "sensor",
            "name": f"{answer.capitalize()} today",
            "state_class": "total_increasing",  # it begins again at midnight, and with a run
            "icon": "mdi:counter",
        }
    for key, component in components.items():
        component["value_template"] = f"{{{{ value_json.{key} }}}}"
        component["unique_id"] = f"{device.client}_{key}"
    # A component with nothing but its platform is removed, if it was there.
    components["picture"] = {"platform": "image"}
    if has_pictures:
        components["picture"] |= {
            "name": "Picture",
            "image_topic": device.picture,
            "content_type": "image/jpeg",
            "unique_id": f"{device.client}_picture",
        }
    return {
        "device": {
            "identifiers": [device.client],
            "name": device.name,
            "manufacturer": "happysad",
            "model": model,
            "sw_version": __version__,
        },
        "origin": {"name": "happysad", "sw_version": __version__},
        "availability_topic": device.availability,
        "state_topic": device.state,
        "qos": 1,
        "components": components,
    }
