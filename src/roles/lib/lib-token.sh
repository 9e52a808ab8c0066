# shellcheck shell=bash
# The server token. k3s keeps the data that a server starts from in the database, encrypted with it, under a name with
# its hash (`/bootstrap/HASH`, k3s pkg/cluster/storage.go), which shows whether a token opens a database.

# token_text FILE: without the CA's hash and the user's name, which k3s strips, too.
token_text() { sed -E 's/^K10[^:]*:://; s/^[^:]*://' "$1"; }

# token_hash FILE: as k3s computes it.
token_hash() { printf '%s' "$(token_text "$1")" | sha256sum | cut -c1-12; }

# is_known_token HASH: whether the operator has that token; TOKENS has the hashes of those, separated by commas.
is_known_token() { [[ ,${TOKENS?}, == *,"$1",* ]]; }

# shellcheck disable=SC2034 # for those who source this
readonly token_remedy="restore 'secrets/' from your copy, or fetch it with 'k3s-cdk init --from-hosts'; to change the token, run 'k3s-cdk init --rotate servers'"
