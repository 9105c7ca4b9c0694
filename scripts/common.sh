# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every script here shares: where things are, how they speak.
# Sourced, never run; the caller has done "set -eu".

TOP=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
BUILD=$TOP/build
SELF=$(basename -- "$0")

say() {
    printf '%s: %s\n' "$SELF" "$*"
}

die() {
    printf '%s: error: %s\n' "$SELF" "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# A stamp names what was built from which input; equal text, nothing to do.
stamp_is() {
    [ -f "$BUILD/stamps/$1" ] && [ "$(cat "$BUILD/stamps/$1")" = "$2" ]
}

stamp_set() {
    mkdir -p "$BUILD/stamps"
    printf '%s\n' "$2" >"$BUILD/stamps/$1.new"
    mv "$BUILD/stamps/$1.new" "$BUILD/stamps/$1"
}

# logged NAME COMMAND...: output goes to build/logs/NAME.log, and its end is
# shown when the command fails, so that a quiet run still explains itself.
logged() {
    logged_file=$BUILD/logs/$1.log
    shift
    mkdir -p "$BUILD/logs"
    if ! "$@" >"$logged_file" 2>&1; then
        tail -n 40 "$logged_file" >&2
        die "'$1' failed; all of its output is in $logged_file"
    fi
}

# Two scripts started at once must not build the same thing at once.
lock_build() {
    mkdir -p "$BUILD"
    exec 9>"$BUILD/.$1.lock"
    have flock || return 0
    if ! flock -n 9; then
        say "another $1 is at work in build/; waiting for it"
        flock 9
    fi
}
