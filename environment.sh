#!/bin/sh
# Makes .venv, the project's Python environment: sh environment.sh device|train|dev
# device: what answering needs, this package, the face detector's files. train: also TensorFlow.
# dev: also the tests' tools. What is there already stays: a device may become a train.
# Installs what requirements/ pins, each checked by its hash; costs nothing when all is there, and
# starts over when .venv is half-made, broken or was moved. PYTHON=python3.12 picks the Python.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
here=$(pwd -P) log=.venv/install.log venv=.venv/bin/python found=

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
place() { echo "Python $(version_of $venv) in $here"; }
state() { cat pyproject.toml requirements/*.txt | cksum; place; }
is_ours() {  # not half-made, and of the Python that is asked for
    [ ! -e .venv/unfinished ] && [ "$(version_of "${PYTHON:-$venv}")" = "$(version_of $venv)" ]
}
is_ready() { is_ours && [ "$(cat ".venv/$stage.done" 2>/dev/null)" = "$(state)" ]; }
is_usable() {  # the user may have made it, with or without pip
    is_ours && case $(version_of $venv) in 3.1[0-3]) ;; *) return 1 ;; esac &&
        { ! cat .venv/*.done >/dev/null 2>&1 || grep -qxF "$(place)" .venv/*.done; } &&
        { $venv -c 'import pip' || $venv -m ensurepip; } >/dev/null 2>&1
}

find_python() {  # sets $python to the first one that the pinned packages have builds for
    for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.10; do
        why=$("$python" -c 'import re, struct, sys, sysconfig
abi = sysconfig.get_config_var("SOABI") or sys.platform
if not (3, 10) <= sys.version_info[:2] <= (3, 13): print("is %d.%d" % sys.version_info[:2])
elif struct.calcsize("P") != 8: print("is 32-bit")
elif not re.match("cpython-[0-9]+-(x86_64|aarch64)-linux-gnu$", abi): print("is for", abi)
' 2>/dev/null) || why=${PYTHON:+does not run}
        if [ -z "$why" ] && version_of "$python" >/dev/null; then return; fi
        found="$found${why:+${found:+, }$python $why}"
        [ -z "${PYTHON:-}" ] || break
    done
    fail "The packages need Python 3.10 to 3.13 for 64-bit Linux with glibc; found: ${found:-none}." \
        "Install one (sudo apt install python3 python3-venv) or name it: make" \
        "PYTHON=/path/to/python3.12. To run a trained model needs less (README.md, Raspberry Pi)."
}

make_venv() {
    find_python
    # An activated .venv is about to go, and its Python with it: take the one it was made with.
    base=$("$python" -c 'import ensurepip, sys, venv; print(sys._base_executable)' 2>/dev/null) ||
        fail "$python cannot make virtual environments: sudo apt install ${python##*/}-venv"
    say "Making .venv with Python $(version_of "$python")."
    rm -rf .venv/*.done .venv  # in this order nothing half-removed is taken for done
    mkdir .venv && : >.venv/unfinished || fail "Cannot write to $here."
    "$base" -m venv .venv >$log 2>&1 || explain
}

pip() {  # TMPDIR: where /tmp is memory, as on Debian 13, a small Pi has too little for TensorFlow
    set -- env TMPDIR="$here/.venv/tmp" $venv -m pip --disable-pip-version-check "$@"
    if [ -t 2 ]; then "$@" >&2 2>>$log; else "$@" >>$log 2>&1; fi || explain
}
explain() {
    ! grep -qE 'No space left|Errno 28|Disk quota' $log ||
        { rm -rf .venv; fail "The disk is full: the environment needs $room in $here."; }
    if grep -qE 'onnection broken|name resolution|timed out|unreachable|(Proxy|SSL)Error' $log; then
        rm -f .venv/unfinished  # pip fetches everything before it installs anything
        fail "Cannot reach the package index: is there a network? pip's words are in $log."
    fi
    last=$(grep -E '^ *(ERROR|.*Error):' $log | tail -n 1)
    fail "The installation failed (${last:-no reason given}); all of it is in $log."
}
# The pins are complete: nothing is left to resolve. Compiling all modules would take 40 s longer;
# the first import compiles what it needs and keeps it, also where that is switched off.
install() { pip install --no-compile --no-input --no-deps "$@"; }
loads() { (unset PYTHONDONTWRITEBYTECODE; $venv -c "import $1") >>$log 2>&1; }

# The headless OpenCV loads everywhere. Where this machine has the libraries for windows (without the
# first four the import fails), that version takes its place: the two overwrite each other's files.
install_all() {  # pins, and what else pip is to install
    pins=$1
    shift
    missing=$(for library in libGL.so.1 libglib-2.0.so.0 libgthread-2.0.so.0 libxcb.so.1 \
        libX11.so.6 libXext.so.6 libSM.so.6 libICE.so.6; do
        $venv -c "import ctypes; ctypes.CDLL('$library')" || { echo $library; break; }
    done 2>/dev/null)
    if [ -z "$missing" ]; then
        awk '/^[^ ]/ { skip = /^opencv-python-headless==/ } !skip' "requirements/$pins" \
            >".venv/tmp/$pins"
        pip uninstall -q -y opencv-python-headless
        install --require-hashes -r ".venv/tmp/$pins" -r requirements/opencv-windows.txt "$@"
        loads cv2 || missing="display that OpenCV's windows load with"
    fi
    if [ -n "$missing" ]; then
        say "OpenCV without windows, as this machine has no $missing; for windows:" \
            "sudo apt install libgl1 libglib2.0-0 libsm6 libxext6 && make distclean"
        pip uninstall -q -y opencv-python
        install --require-hashes -r "requirements/$pins" "$@"
    fi
    install --no-build-isolation -e .
}

stage=${1:-}
size='600 MB to download, 2.6 GB on disk, about a minute on an idle machine' room='3.2 GB'
modules='cv2, ai_edge_litert.interpreter, matplotlib.pyplot, tensorflow, keras'
case $stage in
device)
    stages=device size='150 MB to download, 480 MB on disk' room='700 MB'
    modules='cv2, ai_edge_litert.interpreter' ;;
train) stages='device train' ;;
dev) stages='device train dev' ;;
*) say "usage: sh environment.sh device|train|dev"; exit 2 ;;
esac
exec 9<environment.sh  # two makes at once take turns
is_ready || flock -n 9 || { say "Another make is installing: waiting for it."; flock 9; }
if ! is_ready; then
    trap 'say "Interrupted: the next make starts over."; exit 130' INT
    trap 'say "Terminated: the next make starts over."; exit 143' TERM HUP
    is_usable || make_venv
    mkdir -p .venv/tmp && : >.venv/unfinished >$log
    say "Installing what is pinned in requirements/: at most $size."
    case $stage in
    device) install_all device.txt ;;
    train) install_all train.txt ;;
    dev) install_all train.txt -r requirements/dev.txt ;;
    esac
    [ $stage = device ] || say "Loading TensorFlow for the first time."
    loads "$modules" || fail "What was installed does not load: $(tail -n 1 $log) (more in $log)"
    for done in $stages; do state >.venv/$done.done; done
    rm -rf .venv/tmp .venv/unfinished
    say "The environment is complete: .venv"
fi
set -- edge/models/face_detection_*_range.tflite
if [ $# -lt 2 ]; then
    say "Fetching the face detector: 7 MB to download, 1.3 MB on disk."
    $venv -m edge fetch-detector >/dev/null ||  # its one line says what is wrong
        say "Without it faces are not looked for; the rest works. The next make tries again."
fi
