#!/bin/sh
# Make podman, buildah and a base image available to the container tests, where that is possible.
# Where an engine runs there is nothing to do. Elsewhere Debian's packages do: the base image is made
# from Debian's own packages by debootstrap, because no image registry may be in reach: that release
# of Debian and that Python that `python:3.13-slim` has, without what a slim image leaves out. What
# could not be had is named, and the container tests are skipped with that reason.
set -u
base=localhost/python-base:3.13-slim

if docker info >/dev/null 2>&1; then
    exit 0
fi
missing=""
for tool in podman buildah runc debootstrap; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "container tools NOT installed:$missing (needs root and apt-get); container tests are skipped"
        exit 0
    fi
    if ! (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
        podman buildah runc debootstrap fuse-overlayfs uidmap) >/dev/null 2>&1; then
        echo "container tools NOT installed:$missing (apt-get failed); container tests are skipped"
        exit 0
    fi
fi
if podman image exists "$base" 2>/dev/null; then
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mirror=$(sed -n 's/^URIs: *//p; s/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
if debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates trixie \
        "$folder/base" $mirror >"$folder/log" 2>&1 \
    && (cd "$folder/base" && rm -rf var/cache/apt/* var/lib/apt/lists/* \
        usr/share/doc/* usr/share/info/* usr/share/locale/* usr/share/man/*) \
    && tar -C "$folder/base" -c . | podman import - "$base" >/dev/null 2>&1; then
    echo "container tools: made $base"
else
    echo "base image NOT made (debootstrap: $(tail -n 1 "$folder/log")); container tests are skipped"
fi
