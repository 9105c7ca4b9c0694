# SPDX-License-Identifier: GPL-2.0-or-later
#
# apt with lists, sources and cache of its own under build/: the system's
# sources are read, and its set-up is left as it is. Sourced, after common.sh.

# The release, or with PRIVATE_POCKET=backports that part of it.
PRIVATE_APT=$BUILD/apt${PRIVATE_POCKET:+-$PRIVATE_POCKET}

private_sources() {
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    python3 "$TOP/scripts/private-sources.py" "$codename" "$1" \
        ${PRIVATE_POCKET:+"$PRIVATE_POCKET"}
}

private_apt() {
    tool=$1
    shift
    "$tool" -q \
        -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$PRIVATE_APT/sources" \
        -o Dir::State="$PRIVATE_APT/state" \
        -o Dir::State::status=/var/lib/dpkg/status \
        -o Dir::Cache="$PRIVATE_APT/cache" \
        -o APT::Sandbox::User=root \
        -o APT::Get::List-Cleanup=true \
        "$@"
}

private_update_done=
private_update() {
    [ -z "$private_update_done" ] || return 0
    private_update_done=yes
    mkdir -p "$PRIVATE_APT/sources" "$PRIVATE_APT/state/lists/partial" \
        "$PRIVATE_APT/cache/archives/partial" "$BUILD/downloads"
    private_sources "$PRIVATE_APT/sources"
    say "reading the package lists (into build/${PRIVATE_APT##*/})"
    logged apt-update private_apt apt-get update
}
