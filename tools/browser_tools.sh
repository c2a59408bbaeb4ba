#!/bin/sh
# Make Chromium available to the layout tests and the pictures, where that is possible. What could not
# be had is named, and the tests that need it are skipped with that reason.
set -u
for name in chromium chromium-browser chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Chromium NOT installed (needs root and apt-get); layout tests are skipped"
    exit 0
fi
if ! (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
    chromium fonts-liberation fonts-dejavu-core) >/dev/null 2>&1; then
    echo "Chromium NOT installed (apt-get failed); layout tests are skipped"
fi
