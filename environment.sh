#!/bin/sh
# Makes .venv, the project's Python environment: sh environment.sh train|dev
#   train   TensorFlow, OpenCV, this package and the face detector's files: what the pipeline needs
#   dev     that, and the dependency group "dev": pytest, ruff, mypy
# Costs nothing when all is there, installs again when the dependencies in pyproject.toml change,
# and starts over when .venv is half-made, broken or was moved. PYTHON=python3.12 picks the Python.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"

log=.venv/install.log
here=$(pwd -P)

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# What a finished stage writes down: the version and place tell a Python upgraded underneath and a
# moved checkout; of pyproject.toml only what pip reads counts, so a new ruff rule installs nothing.
place() { echo "Python $(version_of .venv/bin/python) in $here"; }
state() {
    awk '/^\[/ { pip = /^\[(build-system|project|dependency-groups|tool\.setuptools)/ } pip' \
        pyproject.toml | cksum
    place
}
ready() {
    [ -e ".venv/$1.done" ] && [ ! -e .venv/unfinished ] &&
        [ "$(cat ".venv/$1.done")" = "$(state)" ] && wanted_python
}
wanted_python() {
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of .venv/bin/python)" ]
}

has_detector() {
    [ -e edge/models/face_detection_short_range.tflite ] &&
        [ -e edge/models/face_detection_full_range.tflite ]
}
complete() { ready "$1" && has_detector; }

find_python() {  # sets $python to the first one that TensorFlow has a build for
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else
        set -- python3 python3.13 python3.12 python3.11 python3.10
    fi
    found=
    for python; do
        about=$("$python" -c 'import struct, sys, sysconfig
print("%d.%d" % sys.version_info[:2], struct.calcsize("P") * 8, sysconfig.get_config_var("SOABI"))
' 2>/dev/null) || { found="$found${PYTHON:+$python does not run}"; continue; }
        case $about in
        "3.1"[0-3]" 64 cpython-31"[0-3]-x86_64-linux-gnu) return ;;
        "3.1"[0-3]" 64 cpython-31"[0-3]-aarch64-linux-gnu) return ;;
        "3.1"[0-3]" 64 cpython-31"[0-3]-darwin) return ;;
        "3.1"[0-3]" 64 "*) why="is for ${about##* }" ;;
        "3.1"[0-3]" 32 "*) why="is 32-bit" ;;
        *) why="is ${about%% *}" ;;
        esac
        found="$found${found:+, }$python $why"
    done
    case $found in
    *"is 32-bit"*)
        fail "TensorFlow needs a 64-bit system; found: $found. Train on another computer;" \
            "running a trained model works here (README.md, on a Raspberry Pi)." ;;
    *"is for"*)
        fail "TensorFlow has builds for Linux with glibc (x86-64, 64-bit ARM) and macOS;" \
            "found: $found." ;;
    esac
    fail "TensorFlow needs Python 3.10 to 3.13; found: ${found:-none}." \
        "Install one (sudo apt install python3 python3-venv)" \
        "or name it: make PYTHON=/path/to/python3.12"
}

usable() {  # the .venv that is there, if any; the user may have made it, with or without pip
    [ ! -e .venv/unfinished ] && wanted_python || return 1
    case $(version_of .venv/bin/python) in 3.1[0-3]) ;; *) return 1 ;; esac
    for stage_done in .venv/*.done; do
        [ ! -e "$stage_done" ] || tail -n 1 "$stage_done" | grep -qxF "$(place)" || return 1
    done
    .venv/bin/python -m pip --version >/dev/null 2>&1 ||
        .venv/bin/python -m ensurepip >/dev/null 2>&1
}

make_venv() {
    find_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python cannot make virtual environments: sudo apt install ${python##*/}-venv"
    say "Making .venv with Python $(version_of "$python")," \
        "once: 500 MB to download, 2 GB on disk, about a minute."
    # An activated .venv is about to go, and its Python with it: take the one it was made with.
    python=$("$python" -c 'import sys; print(sys._base_executable)')
    # In this order nothing half-removed or half-made is ever taken for done.
    rm -rf .venv/*.done .venv
    mkdir .venv || fail "Cannot write to $here."
    : >.venv/unfinished
    "$python" -m venv .venv >$log 2>&1 || explain
}

# pip shows its progress on a terminal; what went wrong goes to the log, and one line of it to the
# user. Without --no-compile pip takes 40 s longer, for modules of which few are ever imported.
pip() {
    set -- .venv/bin/python -m pip "$@"
    if [ -t 2 ]; then "$@" >&2 2>>$log; else "$@" >>$log 2>&1; fi
}
install() {
    pip install --no-compile --no-input --disable-pip-version-check "$@" || explain
}

explain() {
    last=$(grep -E '^ *(ERROR|.*Error):' $log | tail -n 1)
    if grep -qE 'No space left|Errno 28|Disk quota' $log; then
        rm -rf .venv
        fail "The disk is full: the environment needs 2.5 GB in $here."
    fi
    # pip fetches everything before it installs anything: the environment is as it was.
    if grep -qiE 'connection broken|name resolution|timed out|unreachable|ProxyError|SSLError' $log
    then
        rm -f .venv/unfinished
        fail "Cannot reach the package index: is there a network? pip's words are in $log."
    fi
    if grep -q 'No matching distribution' $log; then rm -f .venv/unfinished; fi
    fail "The installation failed (${last:-no reason given}); all of it is in $log."
}

# The libraries that opencv-python's wheel expects of the system, read from its ELF files (4.11 to
# 5.0): without the first four it cannot be imported, without the others a window aborts Python.
missing_window_libraries() {
    .venv/bin/python - <<'END'
import ctypes, sys
if sys.platform == "linux":
    for name in ("GL.so.1", "glib-2.0.so.0", "gthread-2.0.so.0", "xcb.so.1",
                 "X11.so.6", "Xext.so.6", "SM.so.6", "ICE.so.6"):
        try:
            ctypes.CDLL("lib" + name)
        except OSError:
            print("lib" + name)
END
}

# The package brings the headless OpenCV, which loads everywhere. Where this machine can show
# windows, the same version with windows takes its place; the two overwrite each other's files.
swap_opencv() {
    missing=$(missing_window_libraries | paste -s -d ' ' -)
    if [ -n "$missing" ]; then
        say "OpenCV without windows, as this machine has no ${missing%% *}; for windows:" \
            "sudo apt install libgl1 libglib2.0-0 libsm6 libxext6 && make distclean"
        return
    fi
    opencv=$(.venv/bin/python -c \
        'from importlib.metadata import version; print(version("opencv-python-headless"))')
    pip uninstall -q -y opencv-python-headless || explain
    install --no-deps "opencv-python==$opencv"
    loads cv2 && return
    say "OpenCV with windows does not load here: taking the one without."
    pip uninstall -q -y opencv-python || explain
    install --no-deps "opencv-python-headless==$opencv"
}

# The first import compiles what it needs and keeps it, also where that is switched off.
loads() { (unset PYTHONDONTWRITEBYTECODE; .venv/bin/python -c "import $1") >>$log 2>&1; }

check_imports() {
    say "Loading TensorFlow for the first time."
    loads "cv2, ai_edge_litert.interpreter, matplotlib.pyplot, tensorflow, keras" ||
        fail "What was installed does not load: $(tail -n 1 $log) (more in $log)"
}

fetch_detector() {  # its one line on stderr says what is wrong
    has_detector && return
    say "Fetching the face detector: 7 MB to download, 1.3 MB on disk."
    .venv/bin/python -m edge fetch-detector >/dev/null ||
        say "Without it faces are not looked for; the rest works. The next make tries again."
}

stage=${1:-}
case $stage in train | dev) ;; *) say "usage: sh environment.sh train|dev"; exit 2 ;; esac
if complete "$stage"; then exit 0; fi

# Two makes at once take turns (flock is part of Debian; without it they had better not).
exec 9<environment.sh
if command -v flock >/dev/null && ! flock -n 9; then
    say "Another make is installing: waiting for it."
    flock 9
    if complete "$stage"; then exit 0; fi
fi
if ready "$stage"; then
    fetch_detector
    exit 0
fi

trap 'say "Interrupted: the next make starts over."; exit 130' INT
trap 'say "Terminated: the next make starts over."; exit 143' TERM HUP
usable || make_venv
if ready train; then is_kept=yes; else is_kept=; fi
: >.venv/unfinished
: >$log
# On Debian 13 /tmp is memory, and a small Pi has too little of it for TensorFlow's wheel.
rm -rf .venv/tmp && mkdir .venv/tmp
TMPDIR=$here/.venv/tmp
export TMPDIR

install -q 'pip>=25.1'  # the first that knows dependency groups
set --
if [ "$stage" = dev ]; then set -- --group dev; fi
if [ -z "$is_kept" ]; then
    pip uninstall -q -y opencv-python || explain  # of an earlier set-up, before the other comes
    set -- -e ".[train]" "$@"
fi
say "Installing $*"
install "$@"
if [ -z "$is_kept" ]; then
    swap_opencv
    check_imports
    state >.venv/train.done
fi
state >".venv/$stage.done"
rm -rf .venv/tmp .venv/unfinished
unset TMPDIR
fetch_detector
say "The environment is complete: .venv"
