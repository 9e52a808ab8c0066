# shellcheck shell=sh
# Cleans up a host that leaves the cluster: runs the uninstallers that steps have left, and removes what steps and
# Terraform have left in the SSH user's home. Terraform runs this there with /bin/sh, as a separate script. `k3s-cdk
# deploy` and `destroy` recognize the end by the last line.
#
# Inputs: host, sudo (empty for root)
set -u

folder=/usr/local/lib/k3s-cdk/uninstall.d failed=''

# A step of an apply that was killed may still be running, or a backup, or the removal of another node. However many there
# are, it takes no longer than this.
deadline=$(($(date +%s) + 600))
for lock in /run/lock/k3s-cdk-*; do
  [ -e "$lock" ] || continue
  left=$((deadline - $(date +%s)))
  ${sudo?} flock --wait $((left > 0 ? left : 0)) "$lock" true || failed="$failed ${lock#/run/lock/k3s-cdk-}"
done
if [ -n "$failed" ]; then
  echo "error: ${host:?}: still running after 10 minutes:$failed, see 'ps -ef | grep k3s-cdk'" >&2
  exit 1
fi

# In reverse order. One that hangs, as on a broken disk, must not hold up the apply forever.
scripts=''
for script in "$folder"/*; do scripts="$script $scripts"; done
for script in $scripts; do
  [ ! -e "$script" ] || $sudo timeout --kill-after=10 600 bash "$script" || failed="$failed $script"
done
if [ -n "$failed" ]; then
  echo "error: $host: these could not be uninstalled completely (the reasons are above):$failed" >&2
  exit 1
fi
$sudo rmdir "$folder" /usr/local/lib/k3s-cdk 2>/dev/null || true

# Nothing newer than this script: it belongs to another apply that has started meanwhile.
$sudo find . -maxdepth 1 -name '.k3s-cdk-*.sh' ! -newer "$0" ! -path "$0" -delete || true
if [ -d .k3s-cdk ]; then
  $sudo find .k3s-cdk -mindepth 1 -maxdepth 1 ! -newer "$0" -exec rm -rf {} + || true
  $sudo rmdir .k3s-cdk 2>/dev/null || true
fi
echo "$host has left the cluster"
