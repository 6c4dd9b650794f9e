#!/bin/sh
# Writes world-seed-1.txt, the excerpt of the simulated world that its tests hold on to.
# Run it only when the world is meant to change, and measure the reported figures again then.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
APPRENTICE_WORLD_FIXTURE="$here/world-seed-1.txt" swift test -c release --filter writesTheFixture
