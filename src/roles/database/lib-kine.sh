# shellcheck shell=bash
# What k3s keeps in a database: its table `kine`, with a row for every revision of every object. Needs lib-postgres.sh.

# Clients remember revisions; see `forget_revisions`. More than any cluster writes between a backup and its restore.
readonly revisions_ahead=100000000

# has_kine DATABASE: whether k3s has written to it.
has_kine() { [[ $(sql "SELECT to_regclass('public.kine') IS NOT NULL" "$1") == t ]]; }

# newest_revision DATABASE: that k3s has written; 0 for none.
newest_revision() {
  if has_kine "$1"; then sql 'SELECT coalesce(max(id), 0) FROM kine' "$1"; else echo 0; fi
}

# authority DATABASE OTHER: whether the certificate authorities and keys of k3s in both are the same.
authority() { if [[ -n $(bootstrap "$1") && $(bootstrap "$1") == "$(bootstrap "$2")" ]]; then echo same; else echo other; fi; }

# objects DATABASE
objects() {
  if ! has_kine "$1"; then echo 0; else sql "SELECT count(DISTINCT name) FROM kine WHERE deleted = 0 AND name LIKE '/registry/%'" "$1"; fi
}

# bootstrap DATABASE: fingerprint of the bootstrap data of servers, encrypted with the token.
bootstrap() {
  ! has_kine "$1" || sql "SELECT md5(value) FROM kine WHERE name LIKE '/bootstrap/%' AND deleted = 0 ORDER BY id DESC LIMIT 1" "$1"
}

# forget_revisions DATABASE REVISION: makes the restored data continue at a revision that no client has seen, with
# everything before it compacted. Otherwise clients that know later revisions than the backup would wait for those, and
# believe that deleted objects exist; this makes them list everything again. The row is what kine itself writes into
# gaps of its numbers.
forget_revisions() {
  sql "BEGIN;
    DELETE FROM kine WHERE name LIKE 'gap-%' AND id >= $revisions_ahead;
    INSERT INTO kine (id, name, created, deleted, create_revision, prev_revision, lease)
      VALUES ($2, 'gap-$2', 0, 1, 0, 0, 0);
    UPDATE kine SET prev_revision = $2 WHERE id = (SELECT max(id) FROM kine WHERE name = 'compact_rev_key');
    SELECT setval(pg_get_serial_sequence('kine', 'id'), $2);
    COMMIT" "$1" >/dev/null
}

# token_hashes DATABASE: of the tokens with which k3s has encrypted the bootstrap data; only for a moment more than one.
token_hashes() {
  ! has_kine "$1" || sql "SELECT substr(name, 12) FROM (SELECT DISTINCT ON (name) name, deleted, value FROM kine
    WHERE name LIKE '/bootstrap/%' ORDER BY name, id DESC) newest WHERE deleted = 0 AND length(value) > 0" "$1"
}

# require_known_token DATABASE: fails before changing anything for a cluster whose servers could then no longer start.
# Needs lib-token.sh.
require_known_token() {
  local hash hashes
  # The step starts a database that is not running; before that it cannot be queried.
  answers || return 0
  hashes=$(token_hashes "$1")
  [[ -n $hashes ]] || return 0
  for hash in $hashes; do
    if is_known_token "$hash"; then return 0; fi
  done
  fatal "the data of k3s in this database is encrypted with another token than 'secrets/k3s-token', and nothing was changed: ${token_remedy:?}"
}
