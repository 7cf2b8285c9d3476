#!/bin/bash
# A Debian like Raspberry Pi OS's in a folder, and its programs run by QEMU's user-mode emulation:
#
#   arm_root.sh prepare SYSTEM FOLDER        makes FOLDER, a fresh copy of that system
#   arm_root.sh run FOLDER CPU COMMAND...    runs COMMAND in it, without network
#   arm_root.sh clean                        removes what is cached
#
# SYSTEM is bookworm (Python 3.11) or trixie (3.13), 64 bits, with Python and the basic tools only;
# bookworm+numpy and trixie+numpy have Debian's python3-numpy and python3-venv as well, as
# Raspberry Pi OS with desktop does; bookworm-armhf is 32-bit, with Debian's numpy and OpenCV. CPU
# is a name of QEMU's: cortex-a72 is a Pi 4's, cortex-a76 a Pi 5's; cortex-a7, a Pi 2's, is the one
# for 32 bits. The exit code is the command's own; 77, after one line, where this machine does not
# allow it. The packages are extracted and not configured: there is no service manager and no dpkg
# database.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/happysad/pi-roots
binfmt=/proc/sys/fs/binfmt_misc
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# What a minimal Raspberry Pi OS has of what a shell script and a virtual environment use.
packages=base-files,base-passwd,bash,coreutils,dash,diffutils,findutils,grep,gzip,hostname,libc-bin,mawk,passwd,sed,tar,util-linux,libstdc++6,python3

cannot() {
    echo "no proof on ARM here: $*" >&2
    exit 77
}

# The one that this machine's own apt uses.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(SITE)' |
        awk '/\/debian$/ { site = $0 } END { print site ? site : "http://deb.debian.org/debian" }'
}

need_root() {
    [ "$(id -u)" = 0 ] || cannot "it needs root, for chroot and for binfmt_misc"
}

need_tools() {
    [ "$(uname -m)" = x86_64 ] || cannot "it is made for x86-64, and compares with it"
    if ! command -v apt-get >/dev/null || [ ! -r $keyring ]; then
        cannot "it needs apt-get and Debian's archive keyring"
    fi
    command -v mmdebstrap >/dev/null && return
    { apt-get update && apt-get install -y --no-install-recommends mmdebstrap; } \
        >"$cache/apt.log" 2>&1 || cannot "apt-get cannot install mmdebstrap (see $cache/apt.log)"
}

# Bookworm's own QEMU (7.2) crashes in ai-edge-litert; trixie's (10) does not, and is static: the
# program is taken out of the package, nothing is installed. Its apt keeps everything to itself.
make_qemu() {
    [ ! -x "$cache/qemu/qemu-arm" ] || return 0
    local apt=$cache/apt
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/new"
    : >"$apt/status"
    echo "deb [arch=amd64 signed-by=$keyring] $(mirror) trixie main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<END
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "amd64";
APT::Sandbox::User "root";
END
    (
        cd "$apt"
        export APT_CONFIG=$apt/apt.conf
        apt-get update && apt-get download qemu-user
        dpkg-deb --fsys-tarfile qemu-user_*.deb |
            tar -x -C new --strip-components 3 --wildcards '*/qemu-aarch64' '*/qemu-arm'
    ) >"$cache/apt.log" 2>&1 || cannot "apt-get cannot fetch QEMU (see $cache/apt.log)"
    rm -rf "$cache/qemu"
    mv "$apt/new" "$cache/qemu"
    rm -rf "$apt"
}

# What the packages' own scripts would have done and is missed.
configure() {
    local root=$1 triplet=$2 library
    mkdir -p "$root/opt" "$root/usr/local/bin" "$root/usr/local/sbin"
    cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
    cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
    ln -sf mawk "$root/usr/bin/awk"
    for library in blas lapack; do
        if [ -d "$root/usr/lib/$triplet/$library" ]; then
            ln -sf "$library/lib$library.so.3" "$root/usr/lib/$triplet/lib$library.so.3"
        fi
    done
    echo raspberrypi >"$root/etc/hostname"
    echo '127.0.0.1 localhost raspberrypi' >"$root/etc/hosts"
}

# Sets $root to the cached system, made when it is not there. Its name says what it was made from.
cached_root() {
    local system=$1 release architecture=arm64 triplet=aarch64-linux-gnu include=$packages
    case $system in
    bookworm | trixie) release=$system ;;
    bookworm+numpy | trixie+numpy) release=${system%+numpy} include=$packages,python3-numpy,python3-venv ;;
    bookworm-armhf)
        release=bookworm architecture=armhf triplet=arm-linux-gnueabihf
        include=$packages,python3-numpy,python3-opencv
        ;;
    *)
        echo "arm_root.sh: no system $system" >&2
        exit 2
        ;;
    esac
    root=$cache/$system-$(
        { echo "$release $architecture $include" && declare -f configure; } | cksum | cut -d ' ' -f 1
    )
    [ ! -d "$root" ] || return 0
    rm -rf "$cache/$system-"[0-9]* "$root.new"
    mmdebstrap --quiet --architectures=$architecture --variant=extract --mode=root \
        --skip=check/qemu --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
        --include="$include" "$release" "$root.new" "$(mirror)" >"$cache/$system.log" 2>&1 ||
        cannot "mmdebstrap cannot make $system (see $cache/$system.log)"
    configure "$root.new" $triplet
    mv "$root.new" "$root"
}

prepare() {
    local system=$1 folder=$2 root
    need_root
    mkdir -p "$cache"
    exec 9>"$cache/lock" # two at once would make the same
    flock 9
    need_tools
    make_qemu
    cached_root "$system"
    flock -u 9
    mkdir -p "$(dirname "$folder")"
    cp -a --reflink=auto "$root" "$folder"
}

# The kernel hands programs of that machine to our QEMU for as long as one of ours runs. The newest
# entry wins, so another one that may be there is left alone. With F the kernel opens QEMU now: it
# need not be in the root.
register() {
    local name=$1 qemu=$2 class=$3 machine=$4 header mask entry
    header="\\x7fELF\\x0$class\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x$machine\\x00"
    mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    [ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt 2>/dev/null ||
        cannot "the kernel has no binfmt_misc, or does not give it"
    for entry in "$binfmt"/happysad-*; do # of runs that were killed
        if [ -e "$entry" ] && [ ! -e "/proc/${entry##*-}" ]; then echo -1 >"$entry"; fi
    done
    echo ":$name:M::$header:$mask:$qemu:POCF" >$binfmt/register ||
        cannot "the kernel takes no new entry in binfmt_misc"
}

# In a mount namespace of its own, so that what is mounted is gone with it.
in_private_mounts() {
    local folder=$1 cpu=$2 name=happysad-$$ status=0
    shift 2
    case $cpu in
    cortex-a7) register "$name" "$cache/qemu/qemu-arm" 1 28 ;;
    *) register "$name" "$cache/qemu/qemu-aarch64" 2 b7 ;;
    esac
    trap 'echo -1 >"$binfmt/$name"' EXIT
    # With the shell the whole command dies, and with the first process every other.
    setpriv --pdeathsig KILL unshare --mount --pid --net --ipc --uts --fork --kill-child \
        bash "$0" inside "$folder" "$cpu" "$@" || status=$?
    exit $status
}

inside() {
    local folder=$1 cpu=$2
    shift 2
    mount -t proc proc "$folder/proc"
    mount -t sysfs -o ro sysfs "$folder/sys"
    mount -t tmpfs -o mode=755 tmpfs "$folder/dev"
    for node in null zero full random urandom tty; do
        : >"$folder/dev/$node"
        mount --bind "/dev/$node" "$folder/dev/$node"
    done
    ln -s /proc/self/fd "$folder/dev/fd"
    ln -s /proc/self/fd/1 "$folder/dev/stdout"
    ln -s /proc/self/fd/2 "$folder/dev/stderr"
    mkdir -m 1777 "$folder/dev/shm"
    hostname raspberrypi
    cd /
    exec chroot "$folder" /usr/bin/env -i QEMU_CPU="$cpu" HOME=/root LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

run() {
    need_root
    unshare --mount true 2>/dev/null || cannot "it may not make a mount namespace"
    exec unshare --mount bash "$0" in_private_mounts "$@"
}

action=${1:-}
case $action:$# in
prepare:3) prepare "$2" "$3" ;;
clean:1) rm -rf "$cache" ;;
run:[0-3]) echo "usage: arm_root.sh run FOLDER CPU COMMAND..." >&2 && exit 2 ;;
run:* | in_private_mounts:* | inside:*) "$@" ;;
*) sed -n '2,15s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
