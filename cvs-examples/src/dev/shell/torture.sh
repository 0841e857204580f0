#!/usr/bin/env bash
# Kills a training run at random moments, resumes it each time, and compares what it ends with, bit
# for bit, with a run left alone: weights, moments, averages, and the model folder.
#
#   cvs-examples/src/dev/shell/torture.sh [kills, default 30] [seed of the moments, default 1]
set -euo pipefail

kills="${1:-30}"
RANDOM="${2:-1}"
cvs="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)/cvs"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"$cvs" render --procedural 12 --views 6 --size 64 --out "$work/D" >"$work/render.log" 2>&1
# A state after every other step or so: many kills fall while one is written.
echo '{"optimizer": "muon", "batchSize": 8, "maxImages": 1600, "stateEvery": "pt0.3s"}' >"$work/recipe.json"

train() {
  "$cvs" train --data "$work/D" --preset tiny64 --recipe "$work/recipe.json" --out "$work/$1" >>"$work/$1.log" 2>&1
}

# The arrays of a safetensors file, without its header, which has the seconds in it.
arrays() {
  local header
  header="$(od -An -t u8 -N 8 "$1" | tr -d ' ')"
  tail -c "+$((header + 9))" "$1" | sha256sum
}

# How far the state that is there has come.
images() {
  { head -c 1000000 "$work/killed/state/state.safetensors" 2>/dev/null || true; } |
    { grep -ao '"samples":"[0-9]*"' || echo 0; } | tr -dc 0-9
}

train alone
echo "the run left alone is done"
for ((kill = 1; kill <= kills; kill++)); do
  train killed &
  script=$!
  # From before the first step to some seconds of training.
  sleep "$((RANDOM % 8)).$((RANDOM % 10))"
  if kill -0 "$script" 2>/dev/null; then
    pkill -9 -P "$script" || true
    kill -9 "$script" 2>/dev/null || true
  fi
  wait "$script" 2>/dev/null || true
  echo "kill $kill, state of $(images) images"
done
train killed
for file in state/state.safetensors snapshots/latest/model.safetensors; do
  alone="$(arrays "$work/alone/$file")"
  killed="$(arrays "$work/killed/$file")"
  if [ "$alone" != "$killed" ]; then
    echo "$file differs after $kills kills" >&2
    exit 1
  fi
done
echo "$kills kills, the same weights, moments and averages bit for bit"
