# shellcheck shell=bash
# The effect of packet filter rules on packets from the cluster's other hosts. Only rules that apply to all of them
# count: a rule for a banned address, for packets without a connection or for a single port closes nothing. Needs PEERS,
# IPv4 addresses of those hosts, and DEVICE, where their packets arrive.

# For awk. add() records a rule that applies to all, closed() returns the one by which a chain drops or rejects, or ''.
readonly rules_of_chains='
  function number(address, parts) {
    split(address, parts, ".")
    return ((parts[1] * 256 + parts[2]) * 256 + parts[3]) * 256 + parts[4]
  }
  function covers(network, parts, size, all, last, i) {
    size = 2 ^ (32 - (split(network, parts, "/") > 1 ? parts[2] : 32))
    last = split(peers, all, " ")
    for (i = 1; i <= last; i++) if (int(number(all[i]) / size) != int(number(parts[1]) / size)) return 0
    return last > 0
  }
  function add(chain, how, target, text) {
    count[chain]++
    hows[chain, count[chain]] = how; targets[chain, count[chain]] = target; texts[chain, count[chain]] = text
  }
  function end_of(chain, depth, i, target, found) {
    for (i = 1; depth < 32 && i <= count[chain]; i++) {
      target = targets[chain, i]
      if (target ~ /^(ACCEPT|accept)$/) return "open"
      if (target ~ /^(DROP|REJECT|drop|reject)$/) return texts[chain, i]
      if (target ~ /^(RETURN|return)$/) return ""
      found = target in count ? end_of(target, depth + 1) : ""
      if (found != "" || hows[chain, i] == "goto") return found
    }
    return ""
  }
  function closed(chain, policy, found) {
    found = end_of(chain, 0)
    if (found == "") found = policy
    return found == "open" ? "" : found
  }'

# closed_by_iptables PROGRAM CHAIN: the rule or policy that closes CHAIN, as PROGRAM saves it. The policy of FORWARD is
# ignored, because Kubernetes appends accept rules.
closed_by_iptables() {
  { "$1" -t filter 2>/dev/null || true; } | awk -v start="$2" -v peers="${PEERS:-}" -v device="${DEVICE:-}" "$rules_of_chains"'
    /^:/ { policies[substr($1, 2)] = $2 }
    $1 == "-A" {
      rule = $0
      gsub(/ -m comment --comment ("([^"\\]|\\.)*"|[^ ]+)/, "")
      if (!match($0, / -[jg] [^ ]+/)) next
      split(substr($0, RSTART), words, " ")
      matches = substr($0, length("-A " $2) + 1, RSTART - length("-A " $2) - 1) " "
      if (matches ~ /^ -s [0-9.\/]+ /) {
        split(matches, source, " ")
        if (covers(source[2])) sub(/^ -s [^ ]+/, "", matches)
      }
      if (matches ~ /^ -i / && device != "") {
        split(matches, source, " ")
        if (source[2] == device) sub(/^ -i [^ ]+/, "", matches)
      }
      sub(/ -m (conntrack --ctstate|state --state) ([A-Z]+,)*NEW(,[A-Z]+)* /, " ", matches)
      if (words[2] ~ /^(DROP|REJECT)$/) sub(/^ -p (tcp|udp)( -m (tcp|udp))?( --tcp-flags [A-Z,]+ SYN)? /, " ", matches)
      if (matches ~ /^ *$/) add($2, words[1] == "-g" ? "goto" : "jump", words[2], rule)
    }
    END {
      by = closed(start, policies[start] == "DROP" && start != "FORWARD" ? ":" start " DROP" : "")
      if (by != "") print by
    }'
}

# closed_by_nft HOOK [FAMILY]: table and rule, or policy, that closes a chain at HOOK (input, forward). Tables of FAMILY
# are left out, as are those of iptables, firewalld, kube-proxy and k3s-cdk.
closed_by_nft() {
  { nft list ruleset 2>/dev/null || true; } | awk -v hook="$1" -v not_family="${2:-}" -v peers="${PEERS:-}" -v device="${DEVICE:-}" \
    "$rules_of_chains"'
    $1 == "table" { family = $2; table = $2 " " $3; name = $3; chain = ""; next }
    $2 != "" && $NF == "{" && $1 ~ /^(chain|set|map|flowtable|counter|quota|limit|ct|synproxy|secmark)$/ {
      chain = $1 == "chain" ? $2 : ""
      next
    }
    $1 == "}" { chain = ""; next }
    chain == "" { next }
    $1 == "type" {
      if ($2 == "filter" && $4 == hook && family ~ /^(ip|ip6|inet)$/ && family != not_family \
        && !(family != "inet" && chain ~ /^(INPUT|FORWARD)$/) && name !~ /^(firewalld|kube-proxy|k3s-cdk-pods)$/) {
        bases[++last] = table "/" chain
        policies[last] = $0 ~ /policy drop/ ? "policy drop" : ""
      }
      next
    }
    {
      rule = $0
      gsub(/ ?comment "[^"]*"/, "")
      gsub(/counter packets [0-9]+ bytes [0-9]+ ?|counter name "[^"]*" ?/, "")
      gsub(/log( prefix "[^"]*")?( level [a-z]+)?( flags [a-z ,]+)?( group [0-9]+)? /, "")
      sub(/^[ \t]+/, "")
      if ($1 == "ip" && $2 == "saddr" && $3 ~ /^[0-9.\/]+$/ && covers($3)) sub(/^ip saddr [^ ]+ /, "")
      if ($1 ~ /^iif(name)?$/ && device != "" && $2 == "\"" device "\"") sub(/^iif(name)? [^ ]+ /, "")
      sub(/^ct state ([a-z]+,)*new(,[a-z]+)* |^ct state \{ ([a-z]+, )*new(, [a-z]+)* \} /, "")
      sub(/^(meta l4proto|ip protocol) (tcp|udp) (drop|reject)/, "drop")
      if ($1 ~ /^(jump|goto)$/) add(table "/" chain, $1, table "/" $2, rule)
      else if ($1 ~ /^(accept|drop|reject|return)$/) add(table "/" chain, "jump", $1, rule)
    }
    END {
      for (i = 1; i <= last; i++) {
        by = closed(bases[i], policies[i])
        if (by == "") continue
        sub(/^[ \t]+/, "", by)
        print bases[i] ": " by
      }
    }'
}
