"""The board's own health: temperature, power supply, memory."""

from dataclasses import dataclass
from pathlib import Path

from . import kernel_file

# Bits of `vcgencmd get_throttled`: these now, and 16 higher the same since the start
# (https://www.raspberrypi.com/documentation/computers/os.html#get_throttled).
FLAGS = ("under-voltage", "frequency capped", "throttled", "temperature limit")
SINCE_START = 16
# The file has moved with the kernels; none of these is there on other boards.
THROTTLED = (
    "sys/devices/platform/soc/soc:firmware/get_throttled",
    "sys/devices/platform/soc*/soc*:firmware/get_throttled",
    "sys/devices/platform/soc*:firmware/get_throttled",
    "sys/devices/platform/*/*firmware*/get_throttled",
)
PROCESSOR = ("cpu-thermal", "cpu_thermal", "x86_pkg_temp", "soc-thermal", "soc_thermal")


@dataclass(frozen=True, slots=True)
class Health:
    """The condition of the board.

    Attributes:
        temperature_c: Of the processor, in degrees Celsius; None where the system does not say.
        throttled: What slows it down now, of FLAGS.
        had: What has happened since the start of the machine, of FLAGS. Some kernels reset the
            firmware's memory of it, so it may be incomplete.
    """

    temperature_c: float | None
    throttled: tuple[str, ...]
    had: tuple[str, ...]


class Board:
    """Knows which file holds what; reading them takes well below a millisecond.

    Attributes:
        model: Such as "Raspberry Pi 4 Model B Rev 1.4"; None on other machines.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        """Looks for the files once.

        Args:
            root: The folder that holds `proc` and `sys`.
        """
        self.model = kernel_file.read(root / "proc" / "device-tree" / "model")
        self._meminfo = root / "proc" / "meminfo"
        found = (path for pattern in THROTTLED for path in sorted(root.glob(pattern)))
        self._get_throttled = next(found, None)
        self._under_voltage = [
            folder / "in0_lcrit_alarm"
            for folder in kernel_file.entries(root / "sys" / "class" / "hwmon")
            if kernel_file.read(folder / "name") == "rpi_volt"
        ]
        self._temperatures = _processor_sensors(root / "sys" / "class" / "thermal")

    def health(self) -> Health:
        """The condition now."""
        bits = 0
        if self._get_throttled:
            bits = kernel_file.read_int(self._get_throttled, base=16) or 0
        if any(kernel_file.read_int(alarm) for alarm in self._under_voltage):
            bits |= 1 | 1 << SINCE_START
        read = [kernel_file.read_int(path) for path in self._temperatures]
        # A sensor that is switched off reports nonsense, such as -274000.
        celsius = [value / 1000 for value in read if value is not None and value > -50_000]
        return Health(max(celsius, default=None), _names(bits), _names(bits >> SINCE_START))

    def memory_mb(self) -> tuple[float, float] | None:
        """Available and total memory, in megabytes; None where the system does not say."""
        lines = (kernel_file.read(self._meminfo) or "").splitlines()
        fields = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
        try:
            available, total = (int(fields[key][0]) for key in ("MemAvailable", "MemTotal"))
        except (KeyError, IndexError, ValueError):
            return None
        return available * 1024 / 1e6, total * 1024 / 1e6


def _names(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(FLAGS) if bits >> bit & 1)


def _processor_sensors(thermal: Path) -> list[Path]:
    """The files with the processor's temperature, or of every sensor where none is named so."""
    zones = [path for path in kernel_file.entries(thermal) if path.name.startswith("thermal_zone")]
    types = {zone: kernel_file.read(zone / "type") for zone in zones}
    return [zone / "temp" for zone in zones if types[zone] in PROCESSOR] or [
        zone / "temp" for zone in zones
    ]
