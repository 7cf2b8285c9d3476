#!/bin/bash
# A throw-away virtual machine with video devices: Debian 12 with systemd, its own kernel, vivid and
# v4l2loopback, run by QEMU without the help of the processor.
#
#   vm.sh prepare PACKAGES            makes the machine, and prints the folder that it is in
#   vm.sh run MACHINE FOLDER COMMAND  boots it and runs COMMAND there, as root, in FOLDER
#   vm.sh clean                       removes what is cached
#
# PACKAGES holds folders of wheels for Debian 12's Python 3.11: those in PACKAGES/NAME are installed
# into a virtual environment /opt/NAME. FOLDER is the only thing that the machine shares with this
# one, as /mnt/proof; it gets the files console.log (of the kernel and systemd), qemu.log and
# output.log (of the command). The exit code is the command's own; 77, after one line, where this
# machine does not allow it. The machine has no network, and forgets all that it writes.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/happysad/camera-vm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
MEMORY_MB=2048
# What boots, and what a small Debian has; the kernel's headers are for v4l2loopback alone.
system=systemd-sysv,udev,dbus,kmod,python3,python3-venv,busybox-static,tiny-initramfs,mosquitto
kernel=linux-image-amd64
to_build=linux-headers-amd64,v4l2loopback-dkms

cannot() {
    echo "no proof on a video device here: $*" >&2
    exit 77
}

need_machine() {
    [ "$(uname -m)" = x86_64 ] || cannot "it is for x86-64, this is $(uname -m)"
    [ "$(id -u)" = 0 ] || cannot "it needs root, for chroot"
    if ! command -v apt-get >/dev/null || [ ! -r $keyring ]; then
        cannot "it needs apt-get and Debian's archive keyring"
    fi
}

need_tools() {
    local missing=''
    command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
    command -v mke2fs >/dev/null || missing="$missing e2fsprogs"
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    { apt-get update && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing; } >"$cache/apt.log" 2>&1 ||
        cannot "apt-get cannot install$missing (see $cache/apt.log)"
}

# The one that this machine's own apt uses.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(SITE)' | grep -m 1 '/debian$' ||
        echo http://deb.debian.org/debian
}

# Bookworm's QEMU (7.2) takes a third longer than trixie's (10). That one is not installed: its
# packages and their libraries are extracted, and it is started with its own loader.
make_qemu() {
    mmdebstrap --mode=root --variant=extract --include=qemu-system-x86 trixie "$1" "$(mirror)"
    rm -rf "$1"/usr/share/{doc,locale,man}
}

run_qemu() {
    local usr=$1/usr libraries=$1/usr/lib/x86_64-linux-gnu
    shift
    # TERM for QEMU when this script is killed, too.
    QEMU_MODULE_DIR=$libraries/qemu exec setpriv --pdeathsig TERM setsid \
        "$usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/pulseaudio" \
        "$usr/bin/qemu-system-x86_64" -L "$usr/share/qemu" -L "$usr/share/seabios" "$@"
}

# Debian's system in a folder. dkms builds v4l2loopback in it, as on anybody's machine; the module
# is kept, and what built it goes.
make_root() {
    mmdebstrap --mode=root --variant=minbase --include="$system,$kernel,$to_build" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        bookworm "$1" "$(mirror)"
    # shellcheck disable=SC2016
    chroot "$1" sh -ec '
        cd /lib/modules/*/
        mkdir extra
        cp updates/dkms/v4l2loopback.ko extra/
        apt-get purge -y --auto-remove "$@" gcc-12 dkms
        depmod "$(basename "$PWD")"' sh ${to_build//,/ }
    chroot "$1" systemctl set-default multi-user.target
    chroot "$1" systemctl mask getty@tty1.service serial-getty@ttyS0.service \
        systemd-logind.service e2scrub_reap.service mosquitto.service \
        apt-daily.timer apt-daily-upgrade.timer
    echo camera >"$1/etc/hostname"
    echo '127.0.0.1 localhost camera' >"$1/etc/hosts"
}

# What runs the command: a service like others, so that the start of the machine is over by then.
put_command() {
    cat >"$1/etc/systemd/system/proof.service" <<'END'
[Unit]
Description=The proof
After=basic.target systemd-journal-flush.service

[Service]
Type=exec
Environment=HOME=/root LANG=C.UTF-8
ExecStart=/bin/bash /usr/local/sbin/proof

[Install]
WantedBy=multi-user.target
END
    cat >"$1/usr/local/sbin/proof" <<'END'
modprobe -a 9pnet_virtio 9p
mkdir -p /mnt/proof
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 proof /mnt/proof
cd /mnt/proof || poweroff -f
bash command >output.log 2>&1
echo $? >status
sync
poweroff -f
END
    chroot "$1" systemctl enable proof.service
}

# The first program: loads what the disk needs, and hands over to the disk's own.
put_initrd() {
    local root=$1 out=$2 version tree=$1/tmp/initrd module number=10
    version=$(basename "$root"/lib/modules/*)
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,dev,modules,root}
    cp "$root/bin/busybox" "$tree/bin/"
    chroot "$root" modprobe -S "$version" --show-depends -a virtio_pci virtio_blk ext4 |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
        while read -r module; do
            cp "$root$module" "$tree/modules/$number-$(basename "$module")"
            number=$((number + 1))
        done
    cat >"$tree/init" <<'END'
#!/bin/busybox sh
echo 'the kernel is up: the first program runs'
busybox mount -t devtmpfs dev /dev
for module in /modules/*; do busybox insmod "$module"; done
busybox mount -t ext4 /dev/vda /root
busybox mount --move /dev /root/dev
exec busybox switch_root /root /sbin/init
END
    chmod +x "$tree/init"
    chroot "$root" sh -c 'cd /tmp/initrd && find . | busybox cpio -o -H newc' 2>/dev/null |
        gzip -1 >"$out/initrd"
    rm -rf "$tree"
    cp "$root/boot/vmlinuz-$version" "$out/vmlinuz"
}

# As a user installs them, without network.
install_packages() {
    local root=$1 packages=$2 folder name
    for folder in "$packages"/*/; do
        name=$(basename "$folder")
        mkdir -p "$root/tmp/wheels"
        cp "$folder"/*.whl "$root/tmp/wheels/"
        rm -rf "${root:?}/opt/$name"
        chroot "$root" sh -ec "
            python3 -m venv --system-site-packages /opt/$name
            cd /tmp/wheels
            env -i PATH=\"\$PATH\" /opt/$name/bin/python -m pip install --quiet --no-index \
                --disable-pip-version-check --root-user-action=ignore ./*.whl"
        rm -rf "$root/tmp/wheels"
    done
}

put_disk() {
    local root=$1 out=$2 size_mb
    size_mb=$(($(du -sm "$root" | cut -f 1) * 5 / 4 + 500))
    mke2fs -q -F -t ext4 -O ^has_journal -d "$root" "$out/disk" "${size_mb}M"
}

make_machine() {
    local base=$1 packages=$2 out=$3
    mkdir -p "$out.new"
    cp -a --reflink=auto "$base" "$cache/root.new"
    install_packages "$cache/root.new" "$packages"
    put_command "$cache/root.new"
    put_initrd "$cache/root.new" "$out.new"
    put_disk "$cache/root.new" "$out.new"
    rm -rf "$cache/root.new"
    mv "$out.new" "$out"
}

# In a shell of its own: before `||` this one would go on after errors. In a session of its own:
# all that it has started can be ended.
step() {
    local status=0
    setsid bash "$0" "$@" &
    child=$!
    wait $child || status=$?
    child=''
    return $status
}

child='' half_made=''
end() {
    if [ -n "$child" ]; then
        kill -- "-$child" 2>/dev/null
        wait "$child" || true
    fi
    # shellcheck disable=SC2086
    rm -rf $half_made
    exit "$1"
}
trap 'end 130' INT
trap 'end 143' TERM HUP

sum() { sha256sum | cut -c 1-16; }

# The names of what is cached say what it was made from.
qemu_folder() { echo "$cache/qemu-$(declare -f make_qemu | sum)"; }

prepare() {
    local packages=$1 base machine
    need_machine
    mkdir -p "$cache"
    exec 9>"$cache/lock" # two at once would make the same
    flock 9
    half_made="$cache/*.new"
    # shellcheck disable=SC2086
    rm -rf $half_made
    need_tools
    if [ ! -d "$(qemu_folder)" ]; then
        rm -rf "$cache"/qemu-*
        step make_qemu "$(qemu_folder).new" >"$cache/qemu.log" 2>&1 ||
            cannot "mmdebstrap cannot fetch QEMU (see $cache/qemu.log)"
        mv "$(qemu_folder).new" "$(qemu_folder)"
    fi
    base=$cache/root-$( { declare -f make_root; declare -p system kernel to_build; } | sum)
    if [ ! -d "$base" ]; then
        rm -rf "$cache"/root-*
        step make_root "$base.new" >"$cache/root.log" 2>&1 ||
            cannot "mmdebstrap cannot make a Debian (see $cache/root.log)"
        mv "$base.new" "$base"
    fi
    machine=$cache/machine-$(
        { echo "$base"; declare -f; (cd "$packages" && sha256sum ./*/*.whl); } | sum
    )
    if [ ! -d "$machine" ]; then
        find "$cache" -maxdepth 1 -name 'machine-*' -mmin +60 -exec rm -rf {} +
        step make_machine "$base" "$packages" "$machine" >"$cache/machine.log" 2>&1 || {
            tail -n 5 "$cache/machine.log" >&2
            exit 1
        }
    fi
    touch "$machine" # those of the last hour are kept
    echo "$machine"
}

run() {
    local machine=$1 folder=$2 status=0
    shift 2
    printf '%q ' "$@" >"$folder/command"
    rm -f "$folder/status"
    # Nehalem is the oldest that numpy 2 runs on: with AVX2 and FMA, which `max` has, the face detector
    # takes eight times as long under emulation. tsc=reliable: its clock is good, but Linux would
    # doubt it and ask one that takes longer.
    run_qemu "$(qemu_folder)" -accel tcg,thread=multi -cpu Nehalem -smp 2 -m $MEMORY_MB \
        -nodefaults -no-reboot -display none \
        -serial "file:$folder/console.log" -kernel "$machine/vmlinuz" -initrd "$machine/initrd" \
        -append 'console=ttyS0 root=/dev/vda rw quiet mitigations=off tsc=reliable panic=-1' \
        -drive "file=$machine/disk,format=raw,if=virtio,snapshot=on,cache=unsafe" \
        -device virtio-rng-pci \
        -fsdev "local,id=proof,path=$folder,security_model=none" \
        -device virtio-9p-pci,fsdev=proof,mount_tag=proof </dev/null >"$folder/qemu.log" 2>&1 &
    child=$!
    wait $child || status=$?
    child=''
    if [ -e "$folder/status" ]; then
        exit "$(cat "$folder/status")"
    fi
    { echo "the virtual machine has ended early:"; tail -n 5 "$folder"/{console,qemu}.log; } >&2
    exit 1
}

case ${1:-}:$# in
prepare:2) prepare "$2" ;;
run:[0-3]) echo "usage: vm.sh run MACHINE FOLDER COMMAND..." >&2 && exit 2 ;;
run:*) shift && run "$@" ;;
make_qemu:* | make_root:* | make_machine:*) "$@" ;;
clean:1) rm -rf "$cache" ;;
*) sed -n '2,16s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
