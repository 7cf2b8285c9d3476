#!/bin/sh
# Installs happysad on a Raspberry Pi, without network, from the folder that this file is in.
#
#   sudo ./install.sh              installs, or upgrades; the version before is kept
#   sudo ./install.sh --service    the same, and starts it as a service with the first camera
#   sudo ./install.sh --rollback   goes back to the version before
#   sudo ./install.sh --uninstall  removes it; installed models stay, unless --purge is said too
#
# Root installs into /opt/happysad with the command /usr/local/bin/happysad, anyone else into
# ~/.local/opt/happysad with ~/.local/bin/happysad. --prefix DIR and --bin DIR name other places.
# A version is a virtual environment of its own; `current` and `previous` are links to two of them.
set -eu

say() { printf '%s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
usage() {
    printf 'usage: %s\n' "$0 [--service | --rollback | --uninstall [--purge]]" \
        "[--prefix DIR] [--bin DIR]" >&2
    exit 2
}

action=install service='' purge=''
if [ "$(id -u)" = 0 ]; then
    prefix=/opt/happysad bin=/usr/local/bin models=/var/lib/happysad
else
    prefix=$HOME/.local/opt/happysad bin=$HOME/.local/bin
    models=${XDG_DATA_HOME:-$HOME/.local/share}/happysad
fi
while [ $# -gt 0 ]; do
    case $1 in
    --service) service=yes ;;
    --rollback) action=rollback ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --prefix | --bin)
        [ $# -ge 2 ] || usage
        case $2 in /*) ;; *) fail "$1 takes an absolute path, not $2" ;; esac
        if [ "$1" = --prefix ]; then prefix=$2; else bin=$2; fi
        shift
        ;;
    -h | --help)
        sed -n '2,/^set/ s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) usage ;;
    esac
    shift
done
[ -z "$service" ] || [ "$(id -u)" = 0 ] || fail "a service needs root: sudo $0 --service"
[ -z "$purge" ] || [ "$action" = uninstall ] || usage

versions=$prefix/versions

# The version that a link names, if it is whole.
version_at() {
    linked=$(readlink "$prefix/$1" 2>/dev/null) || return 0
    if [ -e "$prefix/$linked/complete" ]; then say "${linked#versions/}"; fi
}
point() {  # point LINK VERSION: in one step, so that the command is never missing
    ln -sfn "versions/$2" "$prefix/.$1.new"
    mv -fT "$prefix/.$1.new" "$prefix/$1"
}
restart_service() {
    if [ -d /run/systemd/system ] && systemctl is-active --quiet happysad.service 2>/dev/null; then
        systemctl restart happysad.service ||
            fail "the service did not start: journalctl -u happysad"
        say "The service runs the new version."
    fi
}

uninstall() {
    if grep -qsF "$bin/happysad" /etc/systemd/system/happysad.service; then
        "$prefix/current/bin/happysad" service remove ||
            fail "the service is still there; see above"
    fi
    if [ -d "$versions" ]; then say "Removed $prefix"; else say "There is nothing in $prefix"; fi
    link=$(readlink "$bin/happysad" 2>/dev/null) || link=
    if [ "$link" = "$prefix/current/bin/happysad" ]; then
        rm -f "$bin/happysad"
        say "Removed $bin/happysad"
    fi
    rm -rf "$versions" "$prefix/current" "$prefix/previous" "$prefix/install.sh" \
        "$prefix/.lock" "$prefix"/.*.new
    rmdir "$prefix" 2>/dev/null || true
    if [ -n "$purge" ]; then
        rm -rf "$models"
        say "Removed $models"
    elif [ -d "$models" ]; then
        say "Your models are still in $models (--uninstall --purge removes them)"
    fi
}

rollback() {
    old=$(version_at previous)
    [ -n "$old" ] || fail "no earlier version is installed in $prefix"
    new=$(version_at current)
    "$versions/$old/bin/happysad" model check >/dev/null ||
        fail "version $old does not work any more (see above); still at $new"
    point current "$old"
    if [ -n "$new" ]; then point previous "$new"; fi
    say "Back at $old${new:+; $new is kept, and --rollback again returns to it}"
    restart_service
}

check_machine() {
    # A 32-bit system can have a 64-bit kernel, which is what uname tells of.
    machine=$(uname -m) bits=$(getconf LONG_BIT)
    if [ "$machine" != "$MACHINE" ] || [ "$bits" != 64 ]; then
        fail "this bundle is for a 64-bit system on $MACHINE;" \
            "this one has $bits bits on $machine." \
            "On 32-bit Raspberry Pi OS see the README, on a Raspberry Pi."
    fi
    for python in "python$PYTHON" python3; do
        found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
            found=none
        [ "$found" != "$PYTHON" ] || break
    done
    [ "$found" = "$PYTHON" ] ||
        fail "this bundle is for $RELEASE with Python $PYTHON; this system has $found." \
            "Make one for it: make bundle PI=..."
    "$python" -c 'import venv' 2>/dev/null ||
        fail "$python has no module venv: sudo apt install python3-venv"
    mkdir -p "$versions" 2>/dev/null || fail "cannot write to $prefix: sudo $0"
    [ -w "$versions" ] || fail "cannot write to $prefix: sudo $0"
    free_kb=$(df -Pk "$versions" | awk 'NR == 2 { print $4 }')
    [ "$free_kb" -ge 400000 ] ||
        fail "the disk is too full: $((free_kb / 1024)) MB are free in $prefix, 400 are needed"
}

# Makes the version's environment. It sees the system's packages: libcamera and picamera2 come with
# Raspberry Pi OS, and so may numpy. pip runs from its wheel, so the Pi needs no python3-venv.
make_version() {
    rm -rf "${versions:?}/$id"
    trap 'rm -rf "${versions:?}/$id"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    "$python" -m venv --system-site-packages --without-pip "$versions/$id" ||
        fail "$python cannot make a virtual environment in $versions"
    set -- "$here"/wheels/pip-*.whl
    PIP_CONFIG_FILE=/dev/null "$versions/$id/bin/python" "$1/pip" install \
        --quiet --no-index --find-links "$here/wheels" --no-cache-dir --disable-pip-version-check \
        --root-user-action=ignore "$here"/wheels/happysad-*.whl ||
        fail "pip could not install it (see above); what was installed before is as it was"
    say "Looking whether it answers as it should"
    "$versions/$id/bin/happysad" model check ||
        fail "it does not work here (see above); what was installed before is as it was"
    : >"$versions/$id/complete"
    trap - EXIT INT TERM HUP
}

install() {
    cd "$here"
    sha256sum --quiet -c SHA256SUMS >&2 ||
        fail "this bundle is damaged (see above): copy it once more; nothing was changed"
    RELEASE='' PYTHON='' MACHINE=''
    . ./release  # three assignments, made by pi/release.py
    check_machine
    # Two installers at once would take each other's half-made version away.
    exec 9>"$prefix/.lock"
    flock -n 9 2>/dev/null || fail "another install.sh is at work in $prefix"
    wheel=$(basename "$here"/wheels/happysad-*.whl)
    id=${wheel#happysad-}
    id=${id%%-*}-$(sha256sum SHA256SUMS | cut -c 1-8)
    old=$(version_at current)
    if [ -e "$versions/$id/complete" ] && "$versions/$id/bin/happysad" model check >/dev/null; then
        say "Version $id is installed already"
    else
        [ "$id" != "$old" ] || old=''  # it is damaged: no version to go back to
        say "Installing version $id for $RELEASE into $prefix; a minute or two"
        make_version
    fi
    if [ "$old" != "$id" ]; then
        if [ -n "$old" ]; then point previous "$old"; fi
        point current "$id"
    fi
    before=$(version_at previous)
    for version in "$versions"/*; do
        case ${version##*/} in "$id" | "$before") ;; *) rm -rf "$version" ;; esac
    done
    [ "$here" = "$prefix" ] || cp "$here/install.sh" "$prefix/install.sh"
    mkdir -p "$bin" || fail "cannot write to $bin"
    if [ -e "$bin/happysad" ] && [ ! -L "$bin/happysad" ]; then
        fail "$bin/happysad is there and not ours: remove it, or give another place with --bin"
    fi
    ln -sfn "$prefix/current/bin/happysad" "$bin/happysad"
    say "Installed: $id, $(du -sm "$versions/$id" | cut -f 1) MB; the command is $bin/happysad"
    if [ -n "$before" ]; then say "Kept: $before ($prefix/install.sh --rollback)"; fi
    case :$PATH: in *":$bin:"*) ;; *) say "Note: $bin is not in your PATH" ;; esac
    if [ -n "$service" ]; then "$bin/happysad" service install; else restart_service; fi
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
if [ "$action" = install ] && [ ! -e "$here/SHA256SUMS" ]; then
    fail "$here is no bundle: run the install.sh of an unpacked archive"
fi
"$action"
