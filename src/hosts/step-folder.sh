# shellcheck shell=sh
# Creates the folder of a step in the SSH user's home, whatever is or is not there, and changes into it. Terraform runs
# this with /bin/sh before it uploads the step's files; all steps share the text, so it is one local of the stack.
#
# Another apply may be about to run the same step: one from another copy of the project, or one that was killed. Its
# uploads stay until its run takes them, or until nothing has arrived for half a minute, measured without the clock,
# which a step may set.
#
# Inputs: host, step

fail() {
  trap - EXIT
  [ -z "$made" ] || rm -rf "$made"
  echo "error: ${host:?}: $1" >&2
  exit 1
}

staging=$PWD/.k3s-cdk uploaded='' quiet=0 made=''
here=$staging/${step:?}
[ -d "$staging" ] || rm -f "$staging"
install -d -m 0700 "$staging" || fail "the folder '$staging' cannot be created (the reasons are above)"
until mkdir -m 0700 "$here" 2>/dev/null; do
  if [ ! -e "$here" ]; then
    mkdir -m 0700 "$here" && break
    fail "nothing can be written into '$staging' (the reasons are above)"
  fi
  [ -n "$uploaded" ] || echo "another apply has uploaded files for step '$step' and has not run it yet: waiting for it"
  now=$(find "$here" -printf '%s %T@\n' 2>/dev/null) || true
  if [ "$now" = "$uploaded" ]; then quiet=$((quiet + 1)); else uploaded=$now quiet=0; fi
  if [ "$quiet" -lt 30 ]; then
    sleep 1
  else
    # Terraform has emptied it, if it got that far.
    [ ! -s "$here/.brought-by" ] || rm -f "$(cat "$here/.brought-by")"
    rm -rf "$here"
  fi
done
made=$here
not_written() { fail "files cannot be written into '$here' (the reasons are above): 'df -h $staging' shows whether its disk is full"; }
trap '[ $? = 0 ] || not_written' EXIT
# The name that Terraform gave this script: it leaves an empty file there.
echo "$0" >"$here/.brought-by"
cd "$here" || exit
umask 022
