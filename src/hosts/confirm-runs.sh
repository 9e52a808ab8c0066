# shellcheck shell=sh
# Fails unless the host has finished these runs of steps. Terraform records a step as created before it runs, so, killed
# in between, it believes that the step ran. start.sh keeps the runs that were finished.
#
# Inputs: host, address (of a step, with %s for its name), runs (words step=run), sudo (may be empty)

missing=''
for run in ${runs:?}; do
  step_of_run=${run%%=*}
  # shellcheck disable=SC2154,SC2059 # no sudo for root; the address has one %s
  $sudo grep -qxF "${run#*=}" "/var/lib/k3s-cdk/runs/$step_of_run" 2>/dev/null ||
    missing="$missing '-replace=$(printf "${address:?}" "$step_of_run")'"
done
[ -z "$missing" ] || {
  echo "error: ${host:?}: Terraform was killed before this host had finished all that the state says: run 'k3s-cdk deploy', which repeats it, or apply again with$missing" >&2
  exit 1
}
