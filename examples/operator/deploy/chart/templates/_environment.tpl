{{/* The variables of the operator that follow from values. */}}
{{- define "operator.environment" -}}
{{- with .Values.operator.env }}
{{ toYaml . }}
{{- end }}
- name: UNSTRUCTURED_LOGS
  value: "false"
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: TOOLHIVE_ENABLE_STORAGE_VERSION_MIGRATOR
  value: {{ .Values.operator.features.storageVersionMigrator | quote }}
{{- if eq .Values.operator.rbac.scope "namespace" }}
- name: WATCH_NAMESPACE
  value: {{ join "," .Values.operator.rbac.allowedNamespaces | quote }}
{{- end }}
- name: TOOLHIVE_RUNNER_IMAGE
  value: {{ .Values.operator.toolhiveRunnerImage | quote }}
- name: VMCP_IMAGE
  value: {{ .Values.operator.vmcpImage | quote }}
- name: TOOLHIVE_PROXY_HOST
  value: {{ .Values.operator.proxyHost | quote }}
{{- with include "operator.defaultImagePullSecrets" . }}
- name: TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS
  value: {{ . | quote }}
{{- end }}
{{- include "operator.defaultRedis" . }}
{{- end -}}

{{/* Names of pull secrets, joined by commas. Names and objects with a name may be mixed. */}}
{{- define "operator.defaultImagePullSecrets" -}}
{{- $names := list -}}
{{- range $index, $secret := .Values.operator.defaultImagePullSecrets -}}
{{- if kindIs "string" $secret -}}
{{- $names = append $names $secret -}}
{{- else if and (kindIs "map" $secret) (get $secret "name") -}}
{{- $names = append $names $secret.name -}}
{{- else if kindIs "map" $secret -}}
{{- fail (printf "operator.defaultImagePullSecrets[%d] is an object without a name; give it a name, or write the name alone" $index) -}}
{{- else -}}
{{- fail (printf "operator.defaultImagePullSecrets[%d] is a %s; give the name of a Secret, or an object with a name" $index (kindOf $secret)) -}}
{{- end -}}
{{- end -}}
{{- join "," $names -}}
{{- end -}}

{{/* The session storage of workloads: what the operator says, else what is said for all charts of a release. */}}
{{- define "operator.defaultRedis" -}}
{{- $own := .Values.operator.defaultRedis -}}
{{- $shared := (.Values.global).redis | default dict -}}
{{- $address := $own.addr -}}
{{- if and (not $address) $shared.host -}}
{{- $address = printf "%s:%v" $shared.host ($shared.port | default 6379) -}}
{{- end -}}
{{- $secret := default $shared.existingSecret $own.existingSecret -}}
{{- if $address }}
- name: TOOLHIVE_DEFAULT_REDIS_ADDR
  value: {{ $address | quote }}
{{- if $secret }}
- name: TOOLHIVE_DEFAULT_REDIS_SECRET_NAME
  value: {{ $secret | quote }}
- name: TOOLHIVE_DEFAULT_REDIS_SECRET_KEY
  value: {{ default (default "redis-password" $shared.existingSecretKey) $own.existingSecretKey | quote }}
{{- end }}
{{- end }}
{{- end -}}
