{{/* The topics as src/Contracts/Topics.cs has them (a test compares): name, partitions and what makes them up. */}}
{{- define "lwm2m.topics" -}}
{{- $keyed := int .Values.kafka.partitions -}}
{{- $size := dict "max.message.bytes" "6291456" -}}
{{- $compacted := merge (dict "cleanup.policy" "compact" "segment.ms" "600000" "min.cleanable.dirty.ratio" "0.2" "delete.retention.ms" "3600000") $size -}}
{{- $day := 86400000 -}}
{{- toJson (list
    (dict "name" "uplink" "partitions" $keyed "config" (merge (dict "cleanup.policy" "delete" "retention.ms" (mul 7 $day | toString)) $size))
    (dict "name" "events" "partitions" $keyed "config" (merge (dict "cleanup.policy" "delete" "retention.ms" (mul 7 $day | toString)) $size))
    (dict "name" "commands" "partitions" $keyed "config" (merge (dict "cleanup.policy" "delete" "retention.ms" (toString $day)) $size))
    (dict "name" "operations" "partitions" $keyed "config" (merge (dict "min.compaction.lag.ms" "600000") $compacted))
    (dict "name" "downlink" "partitions" (int .Values.ingress.maxSlots) "config" (merge (dict "cleanup.policy" "delete" "retention.ms" (toString $day)) $size))
    (dict "name" "registrations" "partitions" $keyed "config" (merge (dict "min.compaction.lag.ms" "600000") $compacted))
    (dict "name" "sessions" "partitions" $keyed "config" (merge (dict "min.compaction.lag.ms" "600000") $compacted))
    (dict "name" "instances" "partitions" 1 "config" (merge (dict "min.compaction.lag.ms" "0") $compacted))
    (dict "name" "config" "partitions" 1 "config" (merge (dict "min.compaction.lag.ms" "0") $compacted))
    (dict "name" "deadletters" "partitions" $keyed "config" (merge (dict "cleanup.policy" "delete" "retention.ms" (mul 21 $day | toString)) $size))
    (dict "name" "capture" "partitions" $keyed "config" (merge (dict "cleanup.policy" "delete" "retention.ms" (mul 3 $day | toString) "retention.bytes" "1073741824") $size))
    (dict "name" "credentials" "partitions" 1 "config" (merge (dict "min.compaction.lag.ms" "0") $compacted))
    (dict "name" "dtls" "partitions" (int .Values.ingress.maxSlots) "config" (merge (dict "min.compaction.lag.ms" "600000") $compacted))) -}}
{{- end -}}

{{/* What each service may do, beside describing all topics: the least that it works with. */}}
{{- define "lwm2m.rights" -}}
ingress:
  read: [sessions, registrations, downlink, instances, config, credentials, dtls]
  write: [uplink, sessions, registrations, instances, capture, dtls]
translator:
  read: [uplink, commands, operations, registrations, instances, config]
  write: [uplink, events, commands, operations, downlink, instances, deadletters]
  group: translator
  transactions: translator.
egress:
  read: [events, commands, registrations, config]
  write: [commands, instances, deadletters]
  group: egress
  transactions: relay
dashboard:
  read: [events, registrations, operations, instances, config]
  write: [commands, config, instances]
tools:
  create: true
  read: [uplink, capture, credentials]
  write: [credentials]
{{- end -}}
