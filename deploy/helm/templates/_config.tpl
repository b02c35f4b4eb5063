{{/* The configuration file of all services, as JSON. */}}
{{- define "lwm2m.config" -}}
{{- $gateway := deepCopy .Values.config.gateway -}}
{{- $lwm2m := $gateway.lwm2m | default dict -}}
{{- $listeners := $lwm2m.listeners | default dict -}}
{{- $udp := $listeners.udp | default dict -}}
{{- range $name, $listener := .Values.ingress.listeners.udp -}}
{{- $_ := set $udp $name (merge (dict "bind" (int $listener.port)) (index $udp $name | default dict)) -}}
{{- end -}}
{{- if not $udp -}}
{{- /* Where none is configured there would be one. */ -}}
{{- $_ := set $udp "default" (dict "enable" false) -}}
{{- end -}}
{{- $_ := set $listeners "udp" $udp -}}
{{- if .Values.ingress.listeners.dtls -}}
{{- $_ := set $listeners "dtls" (include "lwm2m.dtlsListeners" (dict "root" . "given" ($listeners.dtls | default dict)) | fromJson) -}}
{{- end -}}
{{- $_ := set $lwm2m "listeners" $listeners -}}
{{- if include "lwm2m.definitionsVolume" . -}}
{{- $_ := set $lwm2m "xml_dir" "/etc/lwm2m/definitions" -}}
{{- end -}}
{{- $_ := set $gateway "lwm2m" $lwm2m -}}
{{- $config := dict "gateway" $gateway "kafka" (include "lwm2m.kafkaSection" . | fromJson) "mqtt" (include "lwm2m.mqttSection" . | fromJson) -}}
{{- range $section := list "authorization" "ingress" "translator" "egress" "opentelemetry" "log" -}}
{{- with index $.Values.config $section -}}
{{- $_ := set $config $section . -}}
{{- end -}}
{{- end -}}
{{- $credentials := dict -}}
{{- with .Values.ingress.credentials -}}
{{- if .existingSecret -}}{{- $_ := set $credentials "file" (printf "/etc/lwm2m/credentials/%s" .key) -}}{{- end -}}
{{- with .x509Endpoint -}}{{- $_ := set $credentials "x509_endpoint" . -}}{{- end -}}
{{- end -}}
{{- with merge $credentials (.Values.config.credentials | default dict) -}}
{{- $_ := set $config "credentials" . -}}
{{- end -}}
{{- toPrettyJson $config -}}
{{- end -}}

{{/* The DTLS listeners of the values, laid over those of config: of (dict "root" $ "given" map). Whose devices' certificates have authorities are asked for them. */}}
{{- define "lwm2m.dtlsListeners" -}}
{{- $keys := .root.Values.ingress.dtls -}}
{{- $all := .given -}}
{{- range $name, $listener := .root.Values.ingress.listeners.dtls -}}
{{- $given := index $all $name | default dict -}}
{{- $options := dict -}}
{{- if $listener.certificateSecret -}}
{{- with $keys.certificateKey -}}{{- $_ := set $options "certfile" (printf "/etc/lwm2m/dtls/%s/%s" $name .) -}}{{- end -}}
{{- $_ := set $options "keyfile" (printf "/etc/lwm2m/dtls/%s/%s" $name $keys.privateKeyKey) -}}
{{- end -}}
{{- if $listener.caSecret -}}
{{- $_ := set $options "cacertfile" (printf "/etc/lwm2m/dtls-ca/%s/%s" $name $keys.caKey) -}}
{{- $_ := set $options "verify" (dig "dtls_options" "verify" "verify_peer" $given) -}}
{{- end -}}
{{- $own := dict "bind" (int $listener.port) -}}
{{- if $options -}}{{- $_ := set $own "dtls_options" $options -}}{{- end -}}
{{- $_ := set $all $name (merge $own $given) -}}
{{- end -}}
{{- toJson $all -}}
{{- end -}}

{{/* What only Ingress may see: certificates and keys of listeners, credentials of devices. A changed secret is taken without a restart. */}}
{{- define "lwm2m.deviceVolumes" -}}
{{- range $name, $listener := .Values.ingress.listeners.dtls }}
{{- with $listener.certificateSecret }}
- {name: dtls-cert-{{ $name }}, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- with $listener.caSecret }}
- {name: dtls-ca-{{ $name }}, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end }}
{{- with .Values.ingress.credentials.existingSecret }}
- {name: credentials, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end -}}

{{- define "lwm2m.deviceMounts" -}}
{{- range $name, $listener := .Values.ingress.listeners.dtls }}
{{- if $listener.certificateSecret }}
- {name: dtls-cert-{{ $name }}, mountPath: /etc/lwm2m/dtls/{{ $name }}, readOnly: true}
{{- end }}
{{- if $listener.caSecret }}
- {name: dtls-ca-{{ $name }}, mountPath: /etc/lwm2m/dtls-ca/{{ $name }}, readOnly: true}
{{- end }}
{{- end }}
{{- if .Values.ingress.credentials.existingSecret }}
- {name: credentials, mountPath: /etc/lwm2m/credentials, readOnly: true}
{{- end }}
{{- end -}}

{{- define "lwm2m.kafkaSection" -}}
{{- $kafka := .Values.kafka -}}
{{- $section := dict "bootstrap_servers" $kafka.bootstrapServers "topic_prefix" $kafka.topicPrefix "partitions" (int $kafka.partitions)
    "replication_factor" (int $kafka.replicationFactor) "slots" (int .Values.ingress.maxSlots) "security_protocol" $kafka.securityProtocol -}}
{{- with $kafka.sasl.mechanism -}}{{- $_ := set $section "sasl_mechanism" . -}}{{- end -}}
{{- if $kafka.tls.caSecret -}}{{- $_ := set $section "ssl_ca_location" (printf "/etc/lwm2m/kafka-ca/%s" $kafka.tls.caKey) -}}{{- end -}}
{{- with $kafka.client -}}
{{- $client := dict -}}
{{- range $name, $value := . -}}{{- $_ := set $client $name (toString $value) -}}{{- end -}}
{{- $_ := set $section "client" $client -}}
{{- end -}}
{{- toJson $section -}}
{{- end -}}

{{- define "lwm2m.mqttSection" -}}
{{- $mqtt := .Values.mqtt -}}
{{- $section := dict "server" $mqtt.server "version" (toString $mqtt.version) -}}
{{- with $mqtt.clientId -}}{{- $_ := set $section "client_id" . -}}{{- end -}}
{{- if $mqtt.tls.caSecret -}}{{- $_ := set $section "tls_ca_file" (printf "/etc/lwm2m/mqtt-ca/%s" $mqtt.tls.caKey) -}}{{- end -}}
{{- toJson $section -}}
{{- end -}}

{{- define "lwm2m.mqttPort" -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+/?$" .Values.mqtt.server | trimSuffix "/") | default (ternary "8883" "1883" (hasPrefix "mqtts:" .Values.mqtt.server)) -}}
{{- end -}}

{{/* The volume with object definitions; empty: those of the image. */}}
{{- define "lwm2m.definitionsVolume" -}}
{{- $definitions := .Values.definitions -}}
{{- if $definitions.files -}}
configMap: {name: {{ include "lwm2m.fullname" . }}-definitions}
{{- else if $definitions.existingConfigMap -}}
configMap: {name: {{ $definitions.existingConfigMap }}}
{{- else if $definitions.volume -}}
{{- toYaml $definitions.volume -}}
{{- end -}}
{{- end -}}

{{/* Who a component is for Kafka: user name, secret and certificate, of its own, of Strimzi's, else those of all. "tools" is the topics job. */}}
{{- define "lwm2m.kafkaIdentity" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $own := ternary $kafka.topicsJob (index .root.Values .component | default dict).kafka (eq .component "tools") | default dict -}}
{{- $user := ternary (include "lwm2m.name" .) "" $kafka.strimzi.users.enabled -}}
{{- $scram := ternary $user "" (eq $kafka.strimzi.users.authentication "scram-sha-512") -}}
{{- $certificate := ternary $user "" (eq $kafka.strimzi.users.authentication "tls") -}}
{{- toJson (dict
    "username" (coalesce $own.username $scram $kafka.sasl.username | default "")
    "secret" (coalesce $own.existingSecret $scram $kafka.sasl.existingSecret | default "")
    "usernameKey" (ternary "" $kafka.sasl.usernameKey (not (empty (coalesce $own.username $scram | default ""))))
    "certificateSecret" (coalesce $own.certificateSecret $certificate $kafka.tls.certificateSecret | default "")
    "certificateKey" (ternary "user.crt" $kafka.tls.certificateKey (and (not $own.certificateSecret) (not (empty $certificate))))
    "privateKeyKey" (ternary "user.key" $kafka.tls.privateKeyKey (and (not $own.certificateSecret) (not (empty $certificate))))
    "passwordKey" $kafka.sasl.passwordKey) -}}
{{- end -}}

{{/* What a component needs to log in at Kafka, as environment. */}}
{{- define "lwm2m.kafkaEnv" -}}
{{- $identity := include "lwm2m.kafkaIdentity" . | fromJson -}}
{{- if $identity.username }}
- {name: KAFKA__SASL_USERNAME, value: {{ $identity.username | quote }}}
{{- else if and $identity.secret $identity.usernameKey }}
- {name: KAFKA__SASL_USERNAME, valueFrom: {secretKeyRef: {name: {{ $identity.secret }}, key: {{ $identity.usernameKey }}}}}
{{- end }}
{{- if and $identity.secret (hasPrefix "sasl" .root.Values.kafka.securityProtocol) }}
- {name: KAFKA__SASL_PASSWORD, valueFrom: {secretKeyRef: {name: {{ $identity.secret }}, key: {{ $identity.passwordKey }}}}}
{{- end }}
{{- if $identity.certificateSecret }}
- {name: KAFKA__SSL_CERTIFICATE_LOCATION, value: /etc/lwm2m/kafka-client/{{ $identity.certificateKey }}}
- {name: KAFKA__SSL_KEY_LOCATION, value: /etc/lwm2m/kafka-client/{{ $identity.privateKeyKey }}}
{{- with .root.Values.kafka.tls.passwordKey }}
- {name: KAFKA__SSL_KEY_PASSWORD, valueFrom: {secretKeyRef: {name: {{ $identity.certificateSecret }}, key: {{ . }}}}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "lwm2m.mqttEnv" -}}
{{- with .Values.mqtt.existingSecret }}
- {name: MQTT__USERNAME, valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.Values.mqtt.usernameKey }}}}}
- {name: MQTT__PASSWORD, valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.Values.mqtt.passwordKey }}}}}
{{- end }}
{{- end -}}

{{/* Files of a component beside the configuration: volumes, and where they are mounted. */}}
{{- define "lwm2m.fileVolumes" -}}
{{- $identity := include "lwm2m.kafkaIdentity" . | fromJson -}}
{{- with .root.Values.kafka.tls.caSecret }}
- {name: kafka-ca, secret: {secretName: {{ . }}}}
{{- end }}
{{- with $identity.certificateSecret }}
- {name: kafka-client, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- with .root.Values.mqtt.tls.caSecret }}
- {name: mqtt-ca, secret: {secretName: {{ . }}}}
{{- end }}
{{- with .root.Values.existingConfigSecret.name }}
- {name: secret-config, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end -}}

{{- define "lwm2m.fileMounts" -}}
{{- $identity := include "lwm2m.kafkaIdentity" . | fromJson -}}
{{- if .root.Values.kafka.tls.caSecret }}
- {name: kafka-ca, mountPath: /etc/lwm2m/kafka-ca, readOnly: true}
{{- end }}
{{- if $identity.certificateSecret }}
- {name: kafka-client, mountPath: /etc/lwm2m/kafka-client, readOnly: true}
{{- end }}
{{- if .root.Values.mqtt.tls.caSecret }}
- {name: mqtt-ca, mountPath: /etc/lwm2m/mqtt-ca, readOnly: true}
{{- end }}
{{- if .root.Values.existingConfigSecret.name }}
- {name: secret-config, mountPath: /etc/lwm2m/secret, readOnly: true}
{{- end }}
{{- end -}}

{{/* Switches that name the configuration files, one a line. */}}
{{- define "lwm2m.configSwitches" -}}
- --config
- /etc/lwm2m/config/gateway.conf
{{- with .Values.existingConfigSecret }}
{{- if .name }}
- --config
- /etc/lwm2m/secret/{{ .key }}
{{- end }}
{{- end }}
{{- end -}}
