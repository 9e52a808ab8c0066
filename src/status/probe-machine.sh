# shellcheck shell=bash
# shellcheck disable=SC2154 # inputs of probe.sh
# Resources and health of a machine. Part of probe.sh.

machine() {
  local name value _ total=0 available=0
  read -r value _ </proc/uptime
  tell uptime "$value"
  while read -r name value _; do
    if [[ $name == MemTotal: ]]; then total=$value; fi
    if [[ $name == MemAvailable: ]]; then available=$value; fi
  done </proc/meminfo
  tell memory "$((total * 1024))" "$((available * 1024))"
  tell system "$(. /etc/os-release && printf '%s' "$PRETTY_NAME")" "$(uname -r)"
  # shellcheck disable=SC2086 # a list
  timeout 5 df -B1 --output=target,size,avail,itotal,iavail / /var $FOLDERS 2>/dev/null | awk 'NR > 1 && !seen[$1]++ {
    print "disk\t" $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 }'
  # Linux does that with a failing disk or SD card.
  awk '$2 == "/" || $2 ~ /^\/(var|srv)/ { if ($3 ~ /^(ext4|xfs|btrfs|f2fs)$/ && $4 ~ /^ro(,|$)/) print "read-only\t" $2 }' /proc/mounts
  tell clock "$(timeout 5 timedatectl show --property=NTPSynchronized --value 2>/dev/null)"
}

# What a Raspberry Pi reports about power and temperature, and others about temperature.
board() {
  local model='' zone type file flags=''
  if [[ -r /proc/device-tree/model ]]; then model=$(tr -d '\0' </proc/device-tree/model); fi
  tell model "$model"
  for zone in /sys/class/thermal/thermal_zone*; do
    type=$(cat "$zone/type" 2>/dev/null)
    [[ $type =~ cpu|x86_pkg|soc ]] || continue
    tell temperature "$(cat "$zone/temp")"
    break
  done
  [[ $model == *Raspberry* ]] || return 0
  for file in /sys/devices/platform/soc*/*firmware/get_throttled /sys/devices/platform/*/soc*/*firmware/get_throttled; do
    if [[ -r $file ]]; then flags=$(<"$file"); fi
  done
  if [[ -z $flags ]] && command -v vcgencmd >/dev/null; then flags=$(timeout 5 vcgencmd get_throttled); fi
  if [[ -n $flags ]]; then tell throttled "${flags#throttled=}"; fi
}
