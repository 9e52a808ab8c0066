# shellcheck shell=bash
# Compares the records of what steps have put on the host (lib.sh) with what is there now. Needs tell of
# probe.sh.

readonly records_folder=/var/lib/k3s-cdk/records

# Bytes. Larger files, such as images on an SD card, are read only if their size or time has changed.
readonly always_read=8388608

records() {
  local record step lines
  for record in "$records_folder"/*; do
    [[ -f $record && $record != *.unfinished ]] || [[ $record == *.unfinished && ! -e ${record%.unfinished} ]] || continue
    record=${record%.unfinished}
    step=${record##*/}
    tell step "$step" "$(step_state "$step")" "$(stat -c %Y "$record" 2>/dev/null)"
    lines=$(present_lines "$record")
    compare_files "$step" "$lines"
    compare_links "$step" "$lines"
    awk -v step="$step" '$1 == "unit" { print "step-unit\t" step "\t" $2 }' <<<"$lines"
  done
}

# step_state STEP: finished, running, or unfinished: it failed, or its machine or the operator's was lost.
step_state() {
  local lock=/run/lock/k3s-cdk-$1
  if [[ ! -e $records_folder/$1.unfinished ]]; then
    echo finished
  elif [[ -e $lock ]] && ! flock --nonblock "$lock" true; then
    echo running
  else
    echo unfinished
  fi
}

# present_lines RECORD: the last line of each path and unit, without paths that are gone.
present_lines() {
  cat "$1" "$1.unfinished" 2>/dev/null | awk '
    { last[$NF] = $0 }
    END { for (path in last) if (last[path] !~ /^gone /) print last[path] }'
}

recorded_units() {
  local record
  for record in "$records_folder"/*; do
    [[ $record == *.unfinished ]] || present_lines "$record" | awk '$1 == "unit" { print $2 }'
  done
}

# compare_files STEP LINES
compare_files() {
  local sum size mtime mode owner path now
  local -A expected=() found=()
  local -a read_again=()
  while read -r _ sum size mtime mode owner path; do expected[$path]="$sum $size $mtime $mode $owner"; done \
    < <(grep '^file ' <<<"$2")
  ((${#expected[@]} > 0)) || return 0
  while read -r size mtime mode owner path; do found[$path]="$size $mtime $mode $owner"; done \
    < <(stat -c '%s %Y %04a %U:%G %n' -- "${!expected[@]}" 2>/dev/null)
  for path in "${!expected[@]}"; do
    read -r sum size mtime mode owner <<<"${expected[$path]}"
    now=${found[$path]:-}
    if [[ -z $now ]]; then
      tell drift "$1" missing "$path"
      continue
    fi
    [[ ${now#* * } == "$mode $owner" ]] || tell drift "$1" mode "$path" "$mode $owner" "${now#* * }"
    if ((size <= always_read)) || [[ ${now% * *} != "$size $mtime" ]]; then read_again+=("$path"); fi
  done
  ((${#read_again[@]} > 0)) || return 0
  while read -r sum path; do
    [[ ${expected[$path]%% *} == "$sum" ]] || tell drift "$1" content "$path"
  done < <(sha256sum -- "${read_again[@]}" 2>/dev/null)
}

# compare_links STEP LINES
compare_links() {
  local target path
  while read -r _ target path; do
    [[ $(readlink "$path") == "$target" ]] || tell drift "$1" link "$path" "$target" "$(readlink "$path")"
  done < <(grep '^link ' <<<"$2")
}
