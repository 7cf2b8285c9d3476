"""The board's health, read from trees of files like those of the kernel."""

from pathlib import Path

import pytest

from edge.machine.board import Board, Health
from tests.support.kernel_files import FIRMWARE, write, zone


def test_a_machine_that_tells_nothing_has_no_figures(tmp_path: Path) -> None:
    board = Board(tmp_path)
    assert board.model is None
    assert board.health() == Health(None, (), ())
    assert board.memory_mb() is None


def test_the_model_is_read_without_its_final_nul(tmp_path: Path) -> None:
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
    assert Board(tmp_path).model == "Raspberry Pi 4 Model B Rev 1.4"


def test_the_processors_temperature_is_taken_before_hotter_ones(tmp_path: Path) -> None:
    zone(tmp_path, 0, "acpitz", "90000")
    zone(tmp_path, 1, "cpu-thermal", "48312")
    assert Board(tmp_path).health().temperature_c == pytest.approx(48.312)


def test_where_no_sensor_is_the_processors_the_hottest_counts(tmp_path: Path) -> None:
    zone(tmp_path, 0, "acpitz", "27800")
    zone(tmp_path, 1, "nvme", "41000")
    assert Board(tmp_path).health().temperature_c == pytest.approx(41)


def test_sensors_that_are_off_or_broken_do_not_count(tmp_path: Path) -> None:
    zone(tmp_path, 0, "cpu-thermal", "-274000")
    zone(tmp_path, 1, "cpu-thermal", "none")
    assert Board(tmp_path).health().temperature_c is None


@pytest.mark.parametrize(
    ("said", "now", "had"),
    [
        ("0", (), ()),
        ("50005", ("under-voltage", "throttled"), ("under-voltage", "throttled")),
        ("0x50000", (), ("under-voltage", "throttled")),
        (
            "e0008",
            ("temperature limit",),
            ("frequency capped", "throttled", "temperature limit"),
        ),
        ("what?", (), ()),
    ],
)
def test_the_firmwares_bits_have_names(
    tmp_path: Path, said: str, now: tuple[str, ...], had: tuple[str, ...]
) -> None:
    write(tmp_path, FIRMWARE, f"{said}\n")
    health = Board(tmp_path).health()
    assert (health.throttled, health.had) == (now, had)


@pytest.mark.parametrize(
    "name",
    [
        "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
        "sys/devices/platform/soc:firmware/get_throttled",
        "sys/devices/platform/axi/axi:firmware/get_throttled",
    ],
)
def test_the_firmware_is_found_where_other_kernels_have_it(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "1\n")
    assert Board(tmp_path).health().throttled == ("under-voltage",)


def test_the_voltage_alarm_counts_where_the_firmware_is_silent(tmp_path: Path) -> None:
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(tmp_path, "sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    board = Board(tmp_path)
    assert board.health().throttled == ()
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert board.health() == Health(None, ("under-voltage",), ("under-voltage",))


def test_what_changes_is_seen_at_the_next_look(tmp_path: Path) -> None:
    write(tmp_path, FIRMWARE, "0\n")
    board = Board(tmp_path)
    assert board.health().throttled == ()
    write(tmp_path, FIRMWARE, "4\n")
    assert board.health().throttled == ("throttled",)
    (tmp_path / FIRMWARE).unlink()
    assert board.health().throttled == ()


def test_memory_is_given_in_megabytes(tmp_path: Path) -> None:
    write(
        tmp_path,
        "proc/meminfo",
        "MemTotal:         448992 kB\nMemFree:  9 kB\nMemAvailable:     250000 kB\nHugePages: 0\n",
    )
    assert Board(tmp_path).memory_mb() == pytest.approx((256.0, 459.767808))


def test_memory_that_old_kernels_do_not_tell_is_unknown(tmp_path: Path) -> None:
    write(tmp_path, "proc/meminfo", "MemTotal:         448992 kB\nMemAvailable:\n")
    assert Board(tmp_path).memory_mb() is None
