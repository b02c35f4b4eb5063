{{/* What the pods of all services share. Of (dict "root" $ "component" "ingress"). */}}

{{/* The profile "restricted" of the Pod Security Standards. */}}
{{- define "lwm2m.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "lwm2m.containerSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "lwm2m.podMetadata" -}}
{{- $service := index .root.Values .component -}}
labels:
  {{- include "lwm2m.labels" . | nindent 2 }}
  {{- with $service.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ printf "%s%s" (include "lwm2m.config" .root) (toJson .root.Values.definitions.files) | sha256sum }}
  {{- with $service.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Where the pod may run, and as whom. */}}
{{- define "lwm2m.podPlace" -}}
{{- $service := index .root.Values .component -}}
serviceAccountName: {{ include "lwm2m.serviceAccount" . }}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "lwm2m.podSecurity" . | nindent 2 }}
{{- with $service.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $service.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $service.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $service.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $service.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $service.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "lwm2m.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Environment, files, probes and resources of a service's container. */}}
{{- define "lwm2m.serviceContainer" -}}
{{- $service := index .root.Values .component -}}
{{- $port := include "lwm2m.httpPort" . -}}
image: {{ include "lwm2m.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args:
  {{- include "lwm2m.configSwitches" .root | nindent 2 }}
env:
  - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  - {name: HTTP__BIND, value: {{ $port | quote }}}
  - {name: DOTNET_EnableDiagnostics, value: "0"}
  {{- include "lwm2m.kafkaEnv" . | trim | nindent 2 }}
  {{- if eq .component "egress" }}
  {{- include "lwm2m.mqttEnv" .root | trim | nindent 2 }}
  {{- end }}
  {{- if and (eq .component "ingress") $service.tokenKey.existingSecret }}
  - {name: INGRESS__TOKEN_KEY, valueFrom: {secretKeyRef: {name: {{ $service.tokenKey.existingSecret }}, key: {{ $service.tokenKey.key }}}}}
  {{- end }}
  {{- if and (eq .component "ingress") (include "lwm2m.forwardPort" .root) }}
  - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
  - {name: INGRESS__FORWARD__BIND, value: {{ include "lwm2m.forwardPort" .root | quote }}}
  {{- end }}
  {{- if and (eq .component "ingress") $service.credentialKeys.existingSecret }}
  - {name: CREDENTIALS__KAFKA, value: "true"}
  - {name: CREDENTIALS__KEYS, valueFrom: {secretKeyRef: {name: {{ $service.credentialKeys.existingSecret }}, key: {{ $service.credentialKeys.key }}}}}
  {{- end }}
  {{- if eq .component "dashboard" }}
  - {name: HTTP__API_KEYS, valueFrom: {secretKeyRef: {name: {{ $service.apiKeys.existingSecret }}, key: {{ $service.apiKeys.key }}}}}
  {{- end }}
  {{- with concat .root.Values.extraEnv $service.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - {name: http, containerPort: {{ $port }}, protocol: TCP}
  {{- if eq .component "ingress" }}
  {{- range $name, $listener := $service.listeners.udp }}
  - {name: {{ printf "udp-%s" $name | trunc 15 | trimSuffix "-" | lower }}, containerPort: {{ int $listener.port }}, protocol: UDP}
  {{- end }}
  {{- range $name, $listener := $service.listeners.dtls }}
  - {name: {{ printf "dtls-%s" $name }}, containerPort: {{ int $listener.port }}, protocol: UDP}
  {{- end }}
  {{- with include "lwm2m.forwardPort" .root }}
  - {name: forward, containerPort: {{ . }}, protocol: UDP}
  {{- end }}
  {{- end }}
startupProbe:
  httpGet: {path: /healthz, port: http}
  {{- toYaml $service.probes.startup | nindent 2 }}
readinessProbe:
  httpGet: {path: /readyz, port: http}
  {{- toYaml $service.probes.readiness | nindent 2 }}
livenessProbe:
  httpGet: {path: /healthz, port: http}
  {{- toYaml $service.probes.liveness | nindent 2 }}
resources:
  {{- toYaml $service.resources | nindent 2 }}
securityContext:
  {{- include "lwm2m.containerSecurity" . | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/lwm2m/config, readOnly: true}
  - {name: tmp, mountPath: /tmp}
  {{- if include "lwm2m.definitionsVolume" .root }}
  - {name: definitions, mountPath: /etc/lwm2m/definitions, readOnly: true}
  {{- end }}
  {{- include "lwm2m.fileMounts" . | trim | nindent 2 }}
  {{- if eq .component "ingress" }}
  {{- with include "lwm2m.deviceMounts" .root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- with $service.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "lwm2m.serviceVolumes" -}}
{{- $service := index .root.Values .component -}}
- {name: config, configMap: {name: {{ include "lwm2m.fullname" .root }}-config}}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
{{- with include "lwm2m.definitionsVolume" .root }}
- name: definitions
  {{- . | nindent 2 }}
{{- end }}
{{- include "lwm2m.fileVolumes" . | trim | nindent 0 }}
{{- if eq .component "ingress" }}
{{- with include "lwm2m.deviceVolumes" .root | trim }}
{{- . | nindent 0 }}
{{- end }}
{{- end }}
{{- with $service.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A pod that runs the tool once. */}}
{{- define "lwm2m.toolPod" -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "lwm2m.podSecurity" . | nindent 2 }}
{{- end -}}

{{- define "lwm2m.toolContainer" -}}
image: {{ include "lwm2m.image" (dict "root" .root "component" "tools") }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
resources:
  {{- toYaml .root.Values.kafka.topicsJob.resources | nindent 2 }}
securityContext:
  {{- include "lwm2m.containerSecurity" . | nindent 2 }}
{{- end -}}
