{{/* Names, labels and ports. A component is ingress, translator, egress, dashboard or tools. */}}

{{- define "lwm2m.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of (dict "root" $ "component" "ingress"). */}}
{{- define "lwm2m.name" -}}
{{- printf "%s-%s" (include "lwm2m.fullname" .root) .component -}}
{{- end -}}

{{- define "lwm2m.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "lwm2m.labels" -}}
{{ include "lwm2m.selector" . }}
app.kubernetes.io/part-of: lwm2m
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where health, metrics and the API are answered. */}}
{{- define "lwm2m.httpPort" -}}
{{- get (dict "ingress" "18084" "translator" "18085" "egress" "18086" "dashboard" "18083") .component -}}
{{- end -}}

{{- define "lwm2m.serviceAccount" -}}
{{- $service := index .root.Values .component -}}
{{- default (include "lwm2m.name" .) $service.serviceAccount.name -}}
{{- end -}}

{{- define "lwm2m.image" -}}
{{- $image := (index .root.Values .component | default dict).image | default dict -}}
{{- $name := ternary "cli" .component (eq .component "tools") -}}
{{- $repository := $image.repository -}}
{{- if not $repository -}}
{{- $repository = printf "%s%s" .root.Values.image.prefix $name -}}
{{- if .root.Values.image.registry -}}
{{- $repository = printf "%s/%s" .root.Values.image.registry $repository -}}
{{- end -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .root.Chart.AppVersion .root.Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The components that are to run, as a JSON list. */}}
{{- define "lwm2m.components" -}}
{{- $all := list "ingress" "translator" "egress" -}}
{{- if .Values.dashboard.enabled -}}
{{- $all = append $all "dashboard" -}}
{{- end -}}
{{- toJson $all -}}
{{- end -}}

{{/* The fewest replicas that a component can have. */}}
{{- define "lwm2m.fewest" -}}
{{- $service := index .root.Values .component -}}
{{- if ($service.autoscaling | default dict).enabled -}}
{{- int $service.autoscaling.minReplicas -}}
{{- else if ($service.keda | default dict).enabled -}}
{{- int $service.keda.minReplicaCount -}}
{{- else -}}
{{- int $service.replicaCount -}}
{{- end -}}
{{- end -}}

{{/* The most replicas that Ingress can have. */}}
{{- define "lwm2m.mostIngress" -}}
{{- if .Values.ingress.autoscaling.enabled -}}
{{- int .Values.ingress.autoscaling.maxReplicas -}}
{{- else -}}
{{- int .Values.ingress.replicaCount -}}
{{- end -}}
{{- end -}}

{{/* The port between replicas of Ingress, where records of DTLS sessions are handed on; empty: there is no DTLS, or no key that they share. */}}
{{- define "lwm2m.forwardPort" -}}
{{- $listeners := dig "lwm2m" "listeners" "dtls" dict (.Values.config.gateway | default dict) -}}
{{- if and .Values.ingress.tokenKey.existingSecret (or .Values.ingress.listeners.dtls $listeners) -}}
{{- int .Values.ingress.forward.port -}}
{{- end -}}
{{- end -}}
