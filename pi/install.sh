#!/bin/sh
# Installs happysad on a Raspberry Pi, without network, from the folder that this file is in.
#
#   sudo ./install.sh              installs, or upgrades; the version before is kept
#   sudo ./install.sh --service    the same, and starts it as a service with the first camera
#   sudo ./install.sh --rollback   goes back to the version before
#   sudo ./install.sh --uninstall  removes it; installed models stay, unless --purge is said too
#
# Root installs into /opt/happysad with the command /usr/local/bin/happysad, anyone else into
# ~/.local/opt/happysad with ~/.local/bin/happysad. --prefix DIR and --bin DIR name other places;
# the copy of this file that is installed knows its own.
# A version is a virtual environment of its own; `current` and `previous` are links to two of them.
set -eu
umask 022  # what root installs is for everybody

say() { printf '%s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
usage() {
    printf 'usage: %s [--service | --rollback | --uninstall [--purge]] %s\n' "$0" \
        "[--prefix DIR] [--bin DIR]" >&2
    exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
marker=.happysad  # in a prefix of ours; holds the place of the command
action=install service='' purge=''
if [ "$(id -u)" = 0 ]; then
    prefix=/opt/happysad bin=/usr/local/bin data=/var/lib/happysad sudo='sudo '
else
    [ -n "${HOME:-}" ] || fail "HOME is not set"
    prefix=$HOME/.local/opt/happysad bin=$HOME/.local/bin sudo=''
    data=${XDG_DATA_HOME:-$HOME/.local/share}/happysad
fi
if [ -e "$here/$marker" ]; then prefix=$here bin=$(cat "$here/$marker"); fi
while [ $# -gt 0 ]; do
    case $1 in
    --service) service=yes ;;
    --rollback) action=rollback ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --prefix | --bin)
        [ $# -ge 2 ] || usage
        case $2 in /?*) ;; *) fail "$1 takes an absolute path, not $2" ;; esac
        if [ "$1" = --prefix ]; then prefix=${2%/}; else bin=${2%/}; fi
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
[ -z "$service" ] || [ "$action" = install ] || usage
[ -z "$service" ] || [ "$(id -u)" = 0 ] || fail "a service needs root: sudo $0 --service"
[ -z "$purge" ] || [ "$action" = uninstall ] || usage

versions=$prefix/versions
command=$bin/happysad
unit=/etc/systemd/system/happysad.service

# The version that a link names, if it is whole.
version_at() {
    linked=$(readlink "$prefix/$1" 2>/dev/null) || return 0
    if [ -e "$prefix/$linked/complete" ]; then say "${linked#versions/}"; fi
}
point() {  # point LINK VERSION: in one step, so that the command is never missing
    ln -sfn "versions/$2" "$prefix/.$1.new"
    mv -fT "$prefix/.$1.new" "$prefix/$1"
}
works() {  # works VERSION; the user's own models are not its fault
    "$versions/$1/bin/python" -I -m happysad model check --packaged
}
is_our_service() {
    [ "$(id -u)" = 0 ] && grep -qsF -e "$command" -e "$prefix/" "$unit"
}
restart_service() {
    if is_our_service && systemctl is-active --quiet happysad.service 2>/dev/null; then
        systemctl restart happysad.service ||
            fail "the service did not start: journalctl -u happysad"
        say "The service runs this version."
    fi
}

# Two at once would take each other's half-made version away.
lock() {
    exec 9>"$prefix/.lock"
    flock -n 9 2>/dev/null || fail "another install.sh is at work in $prefix"
}

uninstall() {
    if [ -e "$prefix/$marker" ]; then
        lock
        remove_service
        if [ "$(readlink "$command" 2>/dev/null)" = "$prefix/current/bin/happysad" ]; then
            rm -f "$command"
            say "Removed $command"
        fi
        rm -rf "$versions" "$prefix/current" "$prefix/previous" "$prefix/install.sh" \
            "$prefix/.lock" "${prefix:?}/$marker" "$prefix"/.*.new
        rmdir "$prefix" 2>/dev/null || true
        say "Removed $prefix"
    else
        say "There is nothing of happysad in $prefix"
    fi
    if [ -n "$purge" ]; then
        rm -rf "$data"
        say "Removed $data, with models and all that the service wrote"
    elif [ -d "$data" ]; then
        say "Kept: $data, with installed models (--uninstall --purge removes it)"
    fi
}

# In shell: after an upgrade of the system the program may not even start any more.
remove_service() {
    is_our_service || return 0
    if [ -d /run/systemd/system ]; then
        systemctl disable --now happysad.service || fail "the service does not end; see above"
    fi
    rm -f "$unit" "$data/source"
    if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
    if getent passwd happysad | grep -qF ":$data/service:"; then userdel happysad; fi
    if [ -d "$data/service" ]; then chown -R root:root "$data/service"; fi
    say "Removed the service"
}

rollback() {
    [ ! -e "$prefix/$marker" ] || lock
    old=$(version_at previous)
    [ -n "$old" ] || fail "no earlier version is installed in $prefix"
    new=$(version_at current)
    works "$old" >/dev/null ||
        fail "version $old does not work any more (see above); still at ${new:-none}"
    point current "$old"
    if [ -n "$new" ]; then point previous "$new"; fi
    say "Back at $old${new:+; $new is kept, and --rollback again returns to it}"
    restart_service
}

# What nobody has a checksum of is not run, and not offered to pip.
check_nothing_else() {
    for file in release wheels/* wheels/.[!.]*; do
        case $file in wheels/'*' | 'wheels/.[!.]*') continue ;; esac
        cut -c 67- SHA256SUMS | grep -qxF -e "$file" ||
            fail "$here/$file is not in SHA256SUMS: unpack the archive into a new folder"
    done
}

check_machine() {
    # A 32-bit system can have a 64-bit kernel, which is what uname tells of.
    machine=$(uname -m) bits=$(getconf LONG_BIT)
    if [ "$machine" != "$MACHINE" ] || [ "$bits" != 64 ]; then
        fail "this bundle is for a 64-bit system on $MACHINE;" \
            "this one has $bits bits on $machine." \
            "On 32-bit Raspberry Pi OS see the README, on a Raspberry Pi."
    fi
    # The system's own first: libcamera and picamera2 are made for that one.
    for python in "/usr/bin/python$PYTHON" "python$PYTHON" python3; do
        found=$("$python" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
            found=none
        [ "$found" != "$PYTHON" ] || break
    done
    [ "$found" = "$PYTHON" ] ||
        fail "this bundle is for $RELEASE with Python $PYTHON; this system has $found." \
            "Make one for it: make bundle PI=..."
    "$python" -I -c 'import venv' 2>/dev/null ||
        fail "$python has no module venv: sudo apt install python3-venv"
}

# Before anything is built: whether the places are ours to write to.
check_places() {
    if [ -d "$prefix" ] && [ ! -e "$prefix/$marker" ] && [ -n "$(ls -A "$prefix")" ]; then
        fail "$prefix holds something else: give an empty folder or a new one with --prefix"
    fi
    link=$(readlink "$command" 2>/dev/null) || link=''
    if [ -e "$command" ] || [ -n "$link" ]; then
        [ "$link" = "$prefix/current/bin/happysad" ] ||
            fail "$command is there and not ours: remove it, or give another place with --bin"
    fi
    for folder in "$versions" "$bin"; do
        if ! mkdir -p "$folder" 2>/dev/null || [ ! -w "$folder" ]; then
            fail "cannot write to $folder: sudo $0"
        fi
    done
    printf '%s\n' "$bin" >"$prefix/$marker"
    free_kb=$(df -Pk "$versions" | awk 'NR == 2 { print $4 }')
    [ "$free_kb" -ge 400000 ] ||
        fail "the disk is too full: $((free_kb / 1024)) MB are free in $prefix, 400 are needed"
}

# Makes the version's environment. It sees the system's packages: libcamera and picamera2 come with
# Raspberry Pi OS, and so may numpy; those of one user it must not rely on. pip runs from its wheel,
# so the Pi needs no python3-venv.
make_version() {
    rm -rf "${versions:?}/$id"
    trap 'rm -rf "${versions:?}/$id"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    "$python" -I -m venv --system-site-packages --without-pip "$versions/$id" ||
        fail "$python cannot make a virtual environment in $versions"
    set -- "$here"/wheels/pip-*.whl "$here"/wheels/happysad-*.whl
    "$versions/$id/bin/python" -I "$1/pip" --isolated install \
        --quiet --no-index --find-links "$here/wheels" --no-cache-dir --disable-pip-version-check \
        --root-user-action=ignore "$2[web]" ||
        fail "pip could not install it (see above); what was installed before is as it was"
    say "Looking whether it answers as it should"
    works "$id" || fail "it does not work here (see above); what was installed before is as it was"
    : >"$versions/$id/complete"
    trap - EXIT INT TERM HUP
}

install() {
    [ -e "$here/SHA256SUMS" ] ||
        fail "$here is no bundle: run the install.sh of an unpacked archive"
    cd "$here"
    sha256sum --quiet -c SHA256SUMS >&2 ||
        fail "this bundle is damaged (see above): copy it once more; nothing was changed"
    check_nothing_else
    RELEASE='' PYTHON='' MACHINE=''
    . ./release  # three assignments, made by pi/release.py
    check_machine
    check_places
    lock
    wheel=$(basename "$here"/wheels/happysad-*.whl)
    id=${wheel#happysad-}
    id=${id%%-*}-$(sha256sum SHA256SUMS | cut -c 1-8)
    old=$(version_at current)
    if [ -e "$versions/$id/complete" ] && works "$id" >/dev/null; then
        say "Version $id is installed already"
    else
        # A whole version is never removed first, also when it does not work now.
        while [ -e "$versions/$id/complete" ]; do id=$id+; done
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
    cp "$here/install.sh" "$prefix/install.sh"
    ln -sfn "$prefix/current/bin/happysad" "$command"
    say "Installed: $id, $(du -sm "$versions/$id" | cut -f 1) MB; the command is $command"
    if [ -n "$before" ]; then say "Kept: $before ($sudo$prefix/install.sh --rollback)"; fi
    case :$PATH: in *":$bin:"*) ;; *) say "Note: $bin is not in your PATH" ;; esac
    if [ -n "$service" ]; then "$command" service install; else restart_service; fi
}

"$action"
