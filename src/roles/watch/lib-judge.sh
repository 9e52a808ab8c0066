# shellcheck shell=bash
# shellcheck disable=SC2154 # inputs of watch.sh
# Judges the answer of this host's probe, as `k3s-cdk status` does on the operator's machine with those of all hosts. Needs
# HOST, and of watch.env NODES, VERSION, SEVERAL_DATABASES and the thresholds of the roles. A test compares both.

# judge: reads an answer, and prints a line for each problem: its scope, code, subject, severity and sentence, separated by
# tabs. Of what concerns several hosts, one reports the others' part: of the scope `nodes` the server that has the virtual IP,
# of the scope `databases` the primary. "scope NAME judged" or "scope NAME left" says whether this host does.
judge() {
  awk -F '\t' -v OFS='\t' -v host="$HOST" -v nodes="${NODES:-}" -v version="${VERSION:-}" -v several="${SEVERAL_DATABASES:-}" \
    -v min_free_error="$MIN_FREE_ERROR" -v min_free_warning="$MIN_FREE_WARNING" -v min_memory="$MIN_MEMORY" -v hot="$HOT" \
    -v connections_in_use="$CONNECTIONS_IN_USE" -v dead_rows="$DEAD_ROWS" \
    -v drill_due="$( ((${DRILL_OVERDUE_DAYS:-0} == 0)) || date -u -d "-$DRILL_OVERDUE_DAYS days" +%FT%TZ)" -v today="$(date -u +%FT%TZ)" -v soon="$(date -u -d "$CERTIFICATE_DAYS days" +%FT%TZ)" "$judgement"
}

# shellcheck disable=SC2016 # awk's
readonly judgement='
  function own(code, subject, severity, sentence) { print "own", code, subject, severity, host " " sentence }
  function of(scope, code, subject, severity, sentence) { told[scope] = told[scope] scope OFS code OFS subject OFS severity OFS sentence "\n" }
  function short(unit) { sub(/\.service$/, "", unit); return unit }
  function flags(digit) { return index("0123456789abcdef", tolower(digit)) - 1 }
  function member(json, name,   found) {
    if (!match(json, "\"" name "\": *\"[^\"]*\"")) return ""
    found = substr(json, RSTART, RLENGTH); sub(/"$/, "", found); sub(/.*"/, "", found)
    return found
  }

  $1 == "disk" { looked_at[$2] }
  $1 == "disk" && $3 > 0 {
    free = $4 / $3; what = int(100 * free) "% of its space"
    if ($5 > 0 && $6 / $5 < free) { free = $6 / $5; what = int(100 * free) "% of its files" }
    if (free < min_free_warning) own("disk-full", $2, free < min_free_error ? "error" : "warning", "has only " what " left in " $2)
  }
  $1 == "read-only" && $2 in looked_at { own("disk-read-only", $2, "error", "cannot write to " $2 ": its disk or SD card fails") }
  $1 == "memory" && $3 < $2 * min_memory { own("memory-low", "", "warning", "has little memory left") }
  $1 == "throttled" {
    now = flags(substr($2, length($2))); since = length($2) > 4 && $2 !~ /x.?.?.?.?$/ ? flags(substr($2, length($2) - 4, 1)) : 0
    if (now % 2) own("undervoltage", "", "error", "has undervoltage")
    else if (since % 2) own("undervoltage", "", "warning", "has had undervoltage since it was booted")
    throttled = now > 1 && !(now % 2)
  }
  $1 == "temperature" { warm = $2 / 1000 >= hot }
  $1 == "clock" && $2 != "yes" { own("clock-alone", "", "warning", "is not synchronized with a time server") }

  $1 == "step" { steps++; if ($3 == "unfinished") own("step-unfinished", $2, "error", "has a step that did not finish, " $2 ": apply again") }
  $1 == "drift" && !drifted[$2]++ { own("drift", $2, "error", "differs from what step " $2 " put there: " $4) }
  $1 == "unit" && $3 == "masked" { own("unit-masked", $2, "error", "has " short($2) " masked"); next }
  $1 == "unit" && $4 == "" { own("unit-missing", $2, "error", "has no " short($2)); next }
  $1 == "unit" && $5 != "active" { own("unit-down", $2, "error", "has " short($2) " " $5) }
  $1 == "unit" && $4 == "disabled" { own("unit-disabled", $2, "error", "does not start " short($2) " when it boots") }
  $1 == "unit" && $2 == "haproxy.service" { haproxy = $5 == "active" }
  $1 == "expires" { own("certificate-" ($3 < 0 ? "expired" : "expires"), $2, $3 < 0 ? "error" : "warning", "has a certificate " $2 " that " ($3 < 0 ? "has expired" : "expires soon")) }

  $1 == "datastore" && $2 == "no" { own("datastore-refused", "", "error", "could not reconnect to the database: " $3) }
  $1 == "datastore-failure" { refused = 1; own("datastore-refused", "", "error", "cannot connect to the external database: " $2) }
  $1 == "datastore-facts" && $4 > $3 * connections_in_use { own("database-connections", "", "warning", "sees " $4 " of " $3 " connections of the database in use") }
  $1 == "datastore-certificate" && $3 < soon { own("certificate-" ($3 < today ? "expired" : "expires"), $2, $3 < today ? "error" : "warning", "gets or shows a certificate of the database (" $2 ") that ends " $3) }
  $1 == "api" { api = $2; reason = $3 }
  $1 == "nodes-failure" { unlisted = 1; own("nodes-unknown", "", "error", "has an API that answers and does not list the nodes") }
  $1 == "node" { node[$2] = $3; runs[$2] = $4; cordoned[$2] = $5 == "true"; pressure[$2] = $6 }
  $1 == "virtual-ip" { balanced = 1; holder = $2 == "yes" }
  $1 == "backend" { backends++; if ($3 !~ /^UP/) down[$2] = $4 }

  $1 == "backup" {
    if (failed = member($2, "lastFailure")) own("backup-failed", "", "error", "could not make the backup of " failed)
    if (failed = member($2, "offsiteFailure")) own("offsite-failed", "", "error", "could not copy the backup of " failed " elsewhere")
  }
  $1 == "drill" && drill_due != "" && $2 != "" {
    if (failed = member($2, "lastFailure")) own("drill-failed", "", "error", "could not restore its newest backup on " failed)
    else if (member($2, "lastSuccess") < drill_due && member($2, "since") < drill_due) own("drill-overdue", "", "warning", "has not tried a backup since before " drill_due)
  }
  $1 == "postgres" { unit = $2 }
  $1 == "postgres-error" { said = $2 }
  $1 == "postgres-figures" {
    answers = 1
    if ($4 > $3 * connections_in_use) own("database-connections", "", "warning", "has " $4 " of " $3 " connections of Postgres in use")
    if ($8 > dead_rows && $8 > $7) own("database-bloat", "", "warning", "has more dead rows than live ones in table kine")
  }
  $1 == "etcd" && $3 != "yes" { own("etcd-down", "", "error", "has an etcd that takes no part (" $2 ")") }
  $1 == "member" { members++; state[$2] = $4; if ($3 == "leader" && $4 == "running") leader = $2; if ($3 == "sync_standby") standby = $2 }
  $1 == "export" && $2 == 0 { own("nfs-not-exported", "", "error", "does not export its volumes") }

  END {
    if (throttled || warm) own("hot", "", "warning", "is throttled or about to be")
    if (!steps) own("not-applied", "", "error", "has no record of a step")
    if (unit != "" && !answers) own("database-down", "", "error", "has a Postgres that " (unit == "active" ? "does not answer: " said : "is " unit))
    if (api == "no" && !refused && (unit == "" || answers || members)) own("api-down", "", "error", "has an API that does not answer: " reason)
    if (balanced && haproxy && !backends) own("load-balancer-silent", "", "error", "has a haproxy that does not answer at its socket")
    if (balanced && !holder) print "scope", "nodes", "left"
    else if (api == "yes" && !unlisted) {
      print "scope", "nodes", "judged"
      count = split(nodes, wanted, " ")
      for (i = 1; i <= count; i++) { name = wanted[i]; known[name] = 1
        if (!(name in node)) { of("nodes", "node-missing", name, "error", name " is not among the nodes of the cluster"); continue }
        if (node[name] != "True") of("nodes", "node-not-ready", name, "error", name " is not Ready")
        else if (name in down) of("nodes", "backend-down", name, "error", host " has a haproxy that finds the API of " name " down: " down[name])
        if (cordoned[name]) of("nodes", "node-cordoned", name, "warning", name " takes no new pods")
        gsub(/(^| )Ready( |$)/, " ", pressure[name]); gsub(/^ +| +$/, "", pressure[name])
        if (pressure[name] != "") of("nodes", "node-pressure", name, "warning", name " reports " pressure[name])
        if (runs[name] != version) of("nodes", "version", name, "warning", name " runs k3s " runs[name] ", and cluster.yaml wants " version)
      }
      for (name in node) if (!(name in known)) of("nodes", "node-unknown", name, "warning", name " is a node of the cluster and not in cluster.yaml")
      printf "%s", told["nodes"]
    }
    if (members) {
      if (leader == "") of("databases", "database-no-primary", "", "error", "no database host is the primary, so the API does not work")
      else if (standby == "") of("databases", "database-alone", "", "warning", leader " has no synchronous standby")
      count = split(several, wanted, " ")
      for (i = 1; i <= count; i++) if (!(wanted[i] in state) || state[wanted[i]] !~ /^(running|streaming)$/)
        of("databases", "database-member", wanted[i], "error", wanted[i] " takes no part as a database host (" (wanted[i] in state ? state[wanted[i]] : "it is missing") ")")
      if (leader == "" || leader == host) { print "scope", "databases", "judged"; printf "%s", told["databases"] }
      else print "scope", "databases", "left"
    }
  }'
