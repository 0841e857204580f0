#!/usr/bin/env bash
# Compares the recipes of stage 2 after one stage 1 that they share: each gets the same minutes
# alone on this machine, ct, which has no teacher, those of stage 1 as well. Minutes become samples
# by a rate measured first, so that runs may be paused, and resumed by the same command.
#
#   cvs-examples/src/dev/shell/recipes.sh VIEWS NETWORK.json OUT [minutes of stage 1, default 10]
#     [of stage 2, default 4] [seeds, default "0 1"]
set -euo pipefail

views="$1"
network="$2"
out="$3"
first="${4:-10}"
second="${5:-4}"
seeds="${6:-0 1}"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)"
recipes="$root/cvs-train/src/main/resources/ai/fresnel/cvs/train"
mkdir -p "$out"

run() {
  nice "$root/cvs" "$@"
}

# The best of the rates reported, in samples a second: the others had company.
rate() {
  grep -o '"images_per_second":[0-9.]*' "$1/metrics.jsonl" | cut -d: -f2 | sort -n | tail -n 1
}

# What the minutes come to, in whole batches.
samples() {
  awk -v rate="$1" -v minutes="$2" 'BEGIN { print 64 * int(rate * minutes * 60 / 64) }'
}

# A run of some seconds that only tells the rate.
measured() {
  local trial="$out/trial-$1"
  shift
  if [ ! -e "$trial/rate" ]; then
    rm -rf "$trial"
    timeout --preserve-status 45 nice "$root/cvs" "$@" --out "$trial" >"$trial.log" 2>&1 || true
    rate "$trial" >"$trial.rate" && mv "$trial.rate" "$trial/rate"
  fi
  cat "$trial/rate"
}

echo '{"batchSize": 64, "learningRate": 5e-3, "emaDecay": 0.998}' >"$out/stage1.json"
stage1=(train --data "$views" --preset "$network" --recipe "$out/stage1.json")
images="$(samples "$(measured stage1 "${stage1[@]}")" "$first")"
run "${stage1[@]}" --seed 0 --max-images "$images" --out "$out/teacher"
teacher="$out/teacher/snapshots/latest"

for recipe in cd ect progressive sketch ct; do
  common='"batchSize": 64, "warmupImages": 640, "emaDecay": 0.998'
  from=(--teacher "$teacher")
  minutes="$second"
  if [ "$recipe" = ct ]; then
    common="$common, \"optimizer\": \"muon\", \"learningRate\": 2e-3"
    from=(--from-scratch --preset "$network")
    minutes="$((first + second))"
  fi
  { echo "{ $common,"; tail -n +2 "$recipes/$recipe.json"; } >"$out/$recipe.json"
  distill=(distill "${from[@]}" --data "$views" --recipe "$out/$recipe.json")
  images="$(samples "$(measured "$recipe" "${distill[@]}")" "$minutes")"
  for seed in $seeds; do
    student="$out/$recipe-$seed"
    run "${distill[@]}" --seed "$seed" --max-images "$images" --out "$student"
    [ -e "$student.json" ] ||
      run evaluate --model "$student/snapshots/latest" --teacher "$teacher" --data "$views" \
        --max-pairs 64 --subset 16 --no-baselines --out "$student.json"
    # Of the tables the first: one sample and the mean of 16 at each number of passes.
    awk -v run="$recipe, seed $seed, $images samples" \
      '/^\| student/ && ++rows <= 6 { print "| " run " " $0 }' "$student.md"
  done
done
