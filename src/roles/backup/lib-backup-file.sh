# shellcheck shell=bash
# shellcheck disable=SC2154 # what make-backup.sh and backup.env have set
# The backup file: the database and the k3s token in a tar file, encrypted if there are recipients. Part of
# make-backup.sh. Needs lib.sh, lib-postgres.sh, lib-kine.sh, lib-token.sh and lib-open-backup.sh.

# archive: to standard output.
archive() {
  local size
  size=$(sql "SELECT pg_database_size('$DATABASE') / 1048576")
  rm -rf "$work"
  mkdir "$work"
  require_space "$work" "$((size * 2))" "a backup"
  token_that_opens >"$work/token"
  dump
  token_that_opens | cmp -s - "$work/token" ||
    fatal "the servers' token was replaced while the database was dumped: make the backup again"
  manifest >"$work/manifest.json"
  tar --create --directory "$work" --owner=root:0 --group=root:0 --file - manifest.json token k3s.dump | encrypted
}

# The dump, and what is in it: both of the same moment, which another connection holds meanwhile.
dump() {
  local moment process input output
  coproc MOMENT { in_postgres env PGOPTIONS='-c client_min_messages=warning' psql -XAtq -F ' ' -v ON_ERROR_STOP=1 -d "$DATABASE"; }
  process=$MOMENT_PID output=${MOMENT[0]} input=${MOMENT[1]}
  cat >&"$input" <<'EOF'
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_export_snapshot();
SELECT to_regclass('public.kine') IS NOT NULL AS has_kine \gset
\if :has_kine
SELECT count(*), coalesce(max(id), 0), coalesce(sum(length(value)), 0) FROM kine;
\else
SELECT 0, 0, 0;
\endif
EOF
  { read -r -t 60 moment && read -r -t 900 counted; } <&"$output" ||
    fatal "the database does not say what is in it (the reason is above)"
  in_postgres pg_dump --format=custom --snapshot="$moment" --dbname="$DATABASE" </dev/null >"$work/k3s.dump" ||
    fatal "the database cannot be dumped (the reason is above)"
  echo '\q' >&"$input"
  wait "$process" || true
}

# k3s's data in the database is useless without its token: the current one, or the previous one while it is being
# replaced.
token_that_opens() {
  local hashes token
  hashes=$(token_hashes "$DATABASE")
  # Before k3s has started first any will do.
  if [[ -z $hashes ]]; then hashes=$(token_hash "$here/token"); fi
  while read -r token || [[ -n $token ]]; do
    if grep -qx "$(token_hash <(printf '%s\n' "$token"))" <<<"$hashes"; then
      printf '%s\n' "$token"
      return
    fi
  done < <(cat "$here/token" "$here/previous-tokens" 2>/dev/null)
  fatal "the data of k3s is encrypted with another token than the one on this host, so a backup could not be restored: $token_remedy; then 'k3s-cdk deploy'"
}

manifest() {
  local version
  version=$(sql 'SHOW server_version_num')
  printf '{ "format": 1, "cluster": "%s", "created": "%s", "host": "%s", "postgres": %d, "counted": "%s",\n  "sha256": { "token": "%s", "k3s.dump": "%s" } }\n' \
    "$CLUSTER" "$created" "$HOST" "$((version / 10000))" "$counted" "$(sum "$work/token")" "$(sum "$work/k3s.dump")"
}

# CMS: every system has a program for it, and `openssl cms -decrypt` opens it without k3s-cdk.
encrypted() {
  local -a options=()
  local file
  while read -r file; do
    options+=(-recip "$file")
    if openssl x509 -in "$file" -noout -text | grep -q id-ecPublicKey; then
      options+=(-keyopt ecdh_kdf_md:sha256)
    else
      options+=(-keyopt rsa_padding_mode:oaep)
    fi
  done < <(recipients || true)
  if ((${#options[@]} == 0)); then
    cat
  else
    openssl cms -encrypt -binary -stream -outform DER -aes256 "${options[@]}"
  fi
}

recipients() { compgen -G "$here/recipient-*.crt"; }
