# shellcheck shell=bash
# shellcheck disable=SC2154 # inputs of probe.sh
# Whether k3s could connect to the database now: what is connected stays so when certificates change. Part of probe.sh.

datastore() {
  local folder=/etc/rancher/k3s/datastore address said refused=
  [[ -f $folder/client.crt ]] || return 0
  for address in $DATASTORE; do
    # TLS 1.2 says during the handshake whether it takes the client's certificate.
    if said=$(timeout 5 openssl s_client -starttls postgres -connect "$address" -tls1_2 -verify_return_error \
      -CAfile "$folder/ca.crt" -cert "$folder/client.crt" -key "$folder/client.key" </dev/null 2>&1); then
      tell datastore yes
      return
    fi
    # One that is off, or speaks newer versions only, is no reason to complain of certificates.
    said=$(grep -ioE -m1 'verify error:[^[:cntrl:]]*|alert (unknown ca|bad certificate|certificate [a-z]+)' <<<"$said") && refused=$said
  done
  [[ -z $refused ]] || tell datastore no "$refused"
}
