# shellcheck shell=bash
# Settings of the data that k3s cannot change later, kept as the comment on its database, so that they go where the data
# goes.
# Needs lib.sh, lib-postgres.sh, lib-kine.sh, DATABASE, SETTINGS (words NAME=VALUE), CHANGE_SETTINGS.

# keep_settings: fails if the data was created with other settings, unless that is allowed.
keep_settings() {
  local made
  made=$(sql "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${DATABASE:?}'")
  [[ $made != "${SETTINGS:?}" ]] || return 0
  if [[ -n $made && ${CHANGE_SETTINGS:?} != true && $(objects "$DATABASE") != 0 ]]; then refuse_other_settings "$made"; fi
  # A standby gets it from the primary.
  is_standby || sql "COMMENT ON DATABASE $DATABASE IS '$SETTINGS'"
}

# refuse_other_settings SETTINGS-OF-DATA: compares only settings that both have.
refuse_other_settings() {
  local -a made wanted
  local was now
  read -ra made <<<"$1"
  read -ra wanted <<<"$SETTINGS"
  for was in "${made[@]}"; do
    for now in "${wanted[@]}"; do
      if [[ ${was%%=*} != "${now%%=*}" || $was == "$now" ]]; then continue; fi
      fatal "the data of this cluster was made with '${was%%=*}' ${was#*=}, and cannot be used with ${now#*=}; k3s was not touched: set it back, or have the data deleted ('k3s-cdk destroy --purge'); if you know better, apply once with TF_VAR_change_fixed_settings=true in the environment"
    done
  done
}
