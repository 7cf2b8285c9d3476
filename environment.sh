#!/bin/sh
# Makes .venv, the project's Python environment: sh environment.sh train|dev
#   train   what the pipeline needs: TensorFlow, OpenCV, this package, the face detector's files
#   dev     that, and the tools of the tests
# Installs the versions pinned in requirements/, each checked by its hash. Costs nothing when all is
# there, installs again when they or pyproject.toml change, and starts over when .venv is half-made,
# broken or was moved. PYTHON=python3.12 picks the Python.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
here=$(pwd -P)
log=.venv/install.log

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
place() { echo "Python $(version_of .venv/bin/python) in $here"; }
state() { cat pyproject.toml requirements/*.txt | cksum; place; }
is_ours() {  # not half-made, and of the Python that is asked for
    [ ! -e .venv/unfinished ] &&
        [ "$(version_of "${PYTHON:-.venv/bin/python}")" = "$(version_of .venv/bin/python)" ]
}
is_ready() { is_ours && [ "$(cat ".venv/$stage.done" 2>/dev/null)" = "$(state)" ]; }
is_usable() {  # the user may have made it, with or without pip
    case $(version_of .venv/bin/python) in 3.1[0-3]) ;; *) return 1 ;; esac
    is_ours || return 1
    [ ! -e .venv/train.done ] || grep -qxF "$(place)" .venv/train.done || return 1
    .venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip >/dev/null 2>&1
}

find_python() {  # sets $python to the first one that TensorFlow has a build for
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else
        set -- python3 python3.13 python3.12 python3.11 python3.10
    fi
    found=
    for python; do
        why=$("$python" -c 'import re, struct, sys, sysconfig
abi = sysconfig.get_config_var("SOABI") or sys.platform
if not (3, 10) <= sys.version_info[:2] <= (3, 13): print("is %d.%d" % sys.version_info[:2])
elif struct.calcsize("P") != 8: print("is 32-bit")
elif not re.match("cpython-[0-9]+-(x86_64|aarch64)-linux-gnu$", abi): print("is for", abi)
' 2>/dev/null) || why=${PYTHON:+does not run}
        if [ -z "$why" ] && version_of "$python" >/dev/null; then return; fi
        found="$found${why:+${found:+, }$python $why}"
    done
    fail "TensorFlow needs Python 3.10 to 3.13 for 64-bit Linux with glibc; found: ${found:-none}." \
        "Install one (sudo apt install python3 python3-venv) or name it: make" \
        "PYTHON=/path/to/python3.12. To run a trained model needs less (README.md, Raspberry Pi)."
}

make_venv() {
    find_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python cannot make virtual environments: sudo apt install ${python##*/}-venv"
    say "Making .venv with Python $(version_of "$python")," \
        "once: 500 MB to download, 2 GB on disk, about a minute."
    # An activated .venv is about to go, and its Python with it: take the one it was made with.
    python=$("$python" -c 'import sys; print(sys._base_executable)')
    rm -rf .venv/*.done .venv  # in this order nothing half-removed is taken for done
    mkdir .venv || fail "Cannot write to $here."
    : >.venv/unfinished
    "$python" -m venv .venv >$log 2>&1 || explain
}

# Progress on a terminal, the rest in the log. On Debian 13 /tmp is memory, and too little for
# TensorFlow's wheel on a small Pi.
pip() {
    set -- env TMPDIR="$here/.venv/tmp" .venv/bin/python -m pip --disable-pip-version-check "$@"
    if [ -t 2 ]; then "$@" >&2 2>>$log; else "$@" >>$log 2>&1; fi || explain
}
# The pins are complete: nothing is left to resolve. Compiling all modules would take 40 s longer.
install() { pip install --no-compile --no-input --no-deps "$@"; }

explain() {
    case $(cat $log) in
    *"No space left"* | *"Errno 28"* | *"Disk quota"*)
        rm -rf .venv
        fail "The disk is full: the environment needs 2.5 GB in $here." ;;
    *"onnection broken"* | *"name resolution"* | *"timed out"* | *unreachable* | *ProxyError* | *SSLError*)
        rm -f .venv/unfinished  # pip fetches everything before it installs anything
        fail "Cannot reach the package index: is there a network? pip's words are in $log." ;;
    esac
    last=$(grep -E '^ *(ERROR|.*Error):' $log | tail -n 1)
    fail "The installation failed (${last:-no reason given}); all of it is in $log."
}

# The first import compiles what it needs and keeps it, also where that is switched off.
loads() { (unset PYTHONDONTWRITEBYTECODE; .venv/bin/python -c "import $1") >>$log 2>&1; }

# Prints the first library that is missing here of those that opencv-python's wheel expects, read
# from its ELF files (4.11 to 5.0): without one of the first four it cannot be imported, without
# one of the others a window aborts Python.
missing_library() {
    .venv/bin/python -c 'import ctypes, sys
for name in sys.argv[1:]:
    try: ctypes.CDLL(name)
    except OSError: sys.exit(print(name))
' libGL.so.1 libglib-2.0.so.0 libgthread-2.0.so.0 libxcb.so.1 \
        libX11.so.6 libXext.so.6 libSM.so.6 libICE.so.6
}

# The headless OpenCV loads everywhere. Where this machine can show windows, the same version with
# windows takes its place; the two overwrite each other's files.
install_all() {
    missing=$(missing_library)
    if [ -z "$missing" ]; then
        awk '/^[^ ]/ { skip = /^opencv-python-headless==/ } !skip' requirements/train.txt \
            >.venv/tmp/train.txt
        pip uninstall -q -y opencv-python-headless
        install --require-hashes -r .venv/tmp/train.txt -r requirements/opencv-windows.txt "$@"
        loads cv2 || missing="display that OpenCV's windows load with"
    fi
    if [ -n "$missing" ]; then
        say "OpenCV without windows, as this machine has no $missing; for windows:" \
            "sudo apt install libgl1 libglib2.0-0 libsm6 libxext6 && make distclean"
        pip uninstall -q -y opencv-python
        install --require-hashes -r requirements/train.txt "$@"
    fi
    install --no-build-isolation -e .
}

stage=${1:-}
case $stage in train | dev) ;; *) say "usage: sh environment.sh train|dev"; exit 2 ;; esac
if ! is_ready; then
    exec 9<environment.sh  # two makes at once take turns
    flock -n 9 || { say "Another make is installing: waiting for it."; flock 9; }
fi
if ! is_ready; then
    trap 'say "Interrupted: the next make starts over."; exit 130' INT
    trap 'say "Terminated: the next make starts over."; exit 143' TERM HUP
    is_usable || make_venv
    mkdir -p .venv/tmp
    : >.venv/unfinished
    : >$log
    say "Installing what is pinned in requirements/"
    if [ "$stage" = dev ]; then install_all -r requirements/dev.txt; else install_all; fi
    say "Loading TensorFlow for the first time."
    loads "cv2, ai_edge_litert.interpreter, matplotlib.pyplot, tensorflow, keras" ||
        fail "What was installed does not load: $(tail -n 1 $log) (more in $log)"
    for done in train "$stage"; do state >".venv/$done.done"; done
    rm -rf .venv/tmp .venv/unfinished
    say "The environment is complete: .venv"
fi
if [ ! -e edge/models/face_detection_short_range.tflite ] ||
    [ ! -e edge/models/face_detection_full_range.tflite ]; then
    say "Fetching the face detector: 7 MB to download, 1.3 MB on disk."
    .venv/bin/python -m edge fetch-detector >/dev/null ||  # its one line says what is wrong
        say "Without it faces are not looked for; the rest works. The next make tries again."
fi
