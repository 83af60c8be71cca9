# Chroots of Debian's releases, for make matrix and make test-packages; to be sourced by bash, after fetch-nginx.sh. Needs root.
#   CHROOTS  where they are and stay for the next time, build/matrix

chroots=$(realpath -m "${CHROOTS:-build/matrix}")
mkdir -p "$chroots/logs"

mounted=()
unmount() {
    local root
    for root in "${mounted[@]}"; do
        umount -l "$root"/{proc,sys,dev} 2>/dev/null
    done
    mounted=()
}

# What git knows of this tree.
copy_tree() {
    rm -rf "$1"
    mkdir -p "$1"
    git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$1"
}

# make_chroot RELEASE DIRECTORY: nothing but Debian's minimum and make; what this machine needs to reach its registries holds there too
make_chroot() {
    local bare=$chroots/bare-$1 root=$2 settings
    [ -e "$bare/.made" ] || {
        rm -rf "$bare"
        debootstrap --variant=minbase --include=ca-certificates,git,make "$1" "$bare" "$(debian_mirror)" >"$chroots/logs/debootstrap-$1.log" 2>&1 || return
        touch "$bare/.made"
    }
    [ -e "$root/.made" ] || {
        rm -rf "$root"
        cp -a "$bare" "$root"
    }
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    for settings in /etc/apt/apt.conf.d/*; do
        dpkg -S "$settings" >/dev/null 2>&1 || cp "$settings" "$root/etc/apt/apt.conf.d/"
    done
    mounted+=("$root")
    mount --bind /proc "$root/proc" && mount --bind /sys "$root/sys" && mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
}

# in_chroot DIRECTORY COMMAND...
in_chroot() {
    local root=$1
    shift
    chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
