#!/usr/bin/env bash
# Gives Kibana's own user its password, and Logstash a user that may add events and nothing else.
set -euo pipefail

ask() {
  curl -sS --fail-with-body -u "elastic:$ELASTIC_PASSWORD" -H 'content-type: application/json' \
    -X "$1" "http://elasticsearch:9200$2" -d "$3"
  echo
}

ask POST /_security/user/kibana_system/_password "{\"password\": \"$KIBANA_PASSWORD\"}"
ask PUT /_security/role/logstash_brokertap '{
  "cluster": ["monitor"],
  "indices": [{"names": ["logs-mqtt.*-*", "metrics-mqtt.*-*"], "privileges": ["auto_configure", "create_doc"]}]
}'
ask PUT /_security/user/logstash_brokertap "{\"password\": \"$LOGSTASH_PASSWORD\", \"roles\": [\"logstash_brokertap\"]}"
