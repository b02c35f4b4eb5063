{{/* What values.schema.json cannot say. Each sentence says what to do. */}}
{{- define "lwm2m.checks" -}}
{{- $v := .Values -}}
{{- if not $v.kafka.bootstrapServers -}}
{{- fail "kafka.bootstrapServers is needed: --set kafka.bootstrapServers=my-kafka:9092" -}}
{{- end -}}
{{- range splitList "," $v.kafka.bootstrapServers -}}
{{- if not (regexMatch ":[0-9]+$" (trim .)) -}}
{{- fail (printf "kafka.bootstrapServers: %q has no port; brokers are written host:port" .) -}}
{{- end -}}
{{- end -}}
{{- if not $v.mqtt.server -}}
{{- fail "mqtt.server is needed: --set mqtt.server=mqtt://my-broker:1883" -}}
{{- end -}}
{{- if not (regexMatch "^mqtts?://" $v.mqtt.server) -}}
{{- fail (printf "mqtt.server: %q is no URL; write mqtt://host:1883, or mqtts://host:8883 for TLS" $v.mqtt.server) -}}
{{- end -}}
{{- if contains "@" $v.mqtt.server -}}
{{- fail "mqtt.server holds credentials, which everybody could read in the ConfigMap: put them into a Secret and name it in mqtt.existingSecret" -}}
{{- end -}}
{{- if and $v.mqtt.tls.caSecret (not (hasPrefix "mqtts:" $v.mqtt.server)) -}}
{{- fail "mqtt.tls.caSecret is set, but mqtt.server does not begin with mqtts://: no TLS would be spoken" -}}
{{- end -}}
{{- $sasl := hasPrefix "sasl" $v.kafka.securityProtocol -}}
{{- if and $sasl (not $v.kafka.sasl.mechanism) -}}
{{- fail (printf "kafka.securityProtocol is %s: name kafka.sasl.mechanism, too" $v.kafka.securityProtocol) -}}
{{- end -}}
{{- if and $v.kafka.sasl.mechanism (not $sasl) -}}
{{- fail (printf "kafka.sasl.mechanism is set, but kafka.securityProtocol is %s: set it to sasl_ssl, or sasl_plaintext" $v.kafka.securityProtocol) -}}
{{- end -}}
{{- if and (has $v.kafka.sasl.mechanism (list "PLAIN" "SCRAM-SHA-256" "SCRAM-SHA-512")) (not $v.existingConfigSecret.name) -}}
{{- range $component := include "lwm2m.components" . | fromJsonArray -}}
{{- if not (include "lwm2m.kafkaIdentity" (dict "root" $ "component" $component) | fromJson).secret -}}
{{- fail (printf "%s needs a password at Kafka: name the secret in kafka.sasl.existingSecret or %s.kafka.existingSecret" $v.kafka.sasl.mechanism $component) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (or $v.kafka.tls.caSecret $v.kafka.tls.certificateSecret) (not (hasSuffix "ssl" $v.kafka.securityProtocol)) -}}
{{- fail (printf "kafka.tls is set, but kafka.securityProtocol is %s: set it to ssl or sasl_ssl" $v.kafka.securityProtocol) -}}
{{- end -}}
{{- range $key := list "topics" "users" -}}
{{- if and (index $v.kafka.strimzi $key).enabled (not $v.kafka.strimzi.cluster) -}}
{{- fail (printf "kafka.strimzi.%s.enabled: name the Kafka resource in kafka.strimzi.cluster" $key) -}}
{{- end -}}
{{- end -}}
{{- if gt (int (include "lwm2m.mostIngress" .)) (int $v.ingress.maxSlots) -}}
{{- fail (printf "ingress: %s replicas, but ingress.maxSlots is %d: each replica needs a slot of its own, and maxSlots cannot be changed once the topics exist" (include "lwm2m.mostIngress" .) (int $v.ingress.maxSlots)) -}}
{{- end -}}
{{- if and $v.ingress.autoscaling.enabled (gt (int $v.ingress.autoscaling.minReplicas) (int $v.ingress.autoscaling.maxReplicas)) -}}
{{- fail "ingress.autoscaling.minReplicas is above maxReplicas" -}}
{{- end -}}
{{- range $component := list "translator" "egress" -}}
{{- $keda := (index $v $component).keda -}}
{{- if and $keda.enabled (gt (int $keda.maxReplicaCount) (int $v.kafka.partitions)) -}}
{{- fail (printf "%s.keda.maxReplicaCount is %d, but there are %d partitions: more replicas than partitions have nothing to do" $component (int $keda.maxReplicaCount) (int $v.kafka.partitions)) -}}
{{- end -}}
{{- if and $keda.enabled (gt (int $keda.minReplicaCount) (int $keda.maxReplicaCount)) -}}
{{- fail (printf "%s.keda.minReplicaCount is above maxReplicaCount" $component) -}}
{{- end -}}
{{- end -}}
{{- if and $v.dashboard.enabled (not $v.dashboard.apiKeys.existingSecret) -}}
{{- fail "dashboard.apiKeys.existingSecret is needed, because the API answers nobody beyond its own pod without keys: kubectl create secret generic lwm2m-api-keys --from-literal=api-keys=admin:$(openssl rand -hex 16), then --set dashboard.apiKeys.existingSecret=lwm2m-api-keys; or --set dashboard.enabled=false" -}}
{{- end -}}
{{- if and $v.dashboard.httpIngress.enabled (not $v.dashboard.httpIngress.host) -}}
{{- fail "dashboard.httpIngress.enabled: name the host in dashboard.httpIngress.host" -}}
{{- end -}}
{{- if and $v.ingress.hostNetwork $v.ingress.service.perPod -}}
{{- fail "ingress.service.perPod has no meaning with ingress.hostNetwork: devices speak to the nodes" -}}
{{- end -}}
{{- if not (or $v.ingress.listeners.udp $v.ingress.listeners.dtls) -}}
{{- fail "ingress.listeners: at least one listener of udp or dtls is needed" -}}
{{- end -}}
{{- if and $v.smokeTest.enabled (not $v.ingress.listeners.udp) -}}
{{- fail "smokeTest.enabled: its device speaks CoAP without DTLS, and ingress.listeners.udp has no listener: --set smokeTest.enabled=false" -}}
{{- end -}}
{{- $ports := dict -}}
{{- range $kind := list "udp" "dtls" -}}
{{- range $name, $listener := index $v.ingress.listeners $kind -}}
{{- $own := printf "%s.%s" $kind $name -}}
{{- with index $ports (toString (int $listener.port)) -}}
{{- fail (printf "ingress.listeners: %s and %s have the same port %d" . $own (int $listener.port)) -}}
{{- end -}}
{{- $_ := set $ports (toString (int $listener.port)) $own -}}
{{- end -}}
{{- end -}}
{{- if dig "lwm2m" "listeners" "dtls" false $v.config.gateway -}}
{{- range $name, $_ := $v.config.gateway.lwm2m.listeners.dtls -}}
{{- if not (hasKey $v.ingress.listeners.dtls $name) -}}
{{- fail (printf "config.gateway.lwm2m.listeners.dtls.%s has no port that leads to it: add ingress.listeners.dtls.%s.port" $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with index $ports (toString (int $v.ingress.forward.port)) -}}
{{- fail (printf "ingress.forward.port: the listener %s has the same port" .) -}}
{{- end -}}
{{- $sources := 0 -}}
{{- range $source := list $v.definitions.files $v.definitions.existingConfigMap $v.definitions.volume -}}
{{- if $source -}}{{- $sources = add1 $sources -}}{{- end -}}
{{- end -}}
{{- if gt $sources 1 -}}
{{- fail "definitions: only one of files, existingConfigMap and volume can be the folder of object definitions" -}}
{{- end -}}
{{- if hasKey $v.config.ingress "token_key" -}}
{{- fail "config.ingress.token_key would stand in a ConfigMap: put it into a Secret and name it in ingress.tokenKey.existingSecret" -}}
{{- end -}}
{{- if hasKey $v.config.ingress "slot" -}}
{{- fail "config.ingress.slot would give all replicas the same slot: it comes from the pod's ordinal" -}}
{{- end -}}
{{- if regexMatch "\"(password|sasl_password|secret|[a-z_.]*client\\.secret|sasl\\.password|ssl\\.key\\.password)\":\"[^$]" (toJson (list $v.config $v.kafka.client)) -}}
{{- fail "config or kafka.client holds a password or secret, which everybody could read in the ConfigMap: put that key into a file in a Secret and name it in existingConfigSecret" -}}
{{- end -}}
{{- end -}}
