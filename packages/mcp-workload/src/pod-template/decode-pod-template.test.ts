import { describe, expect, it } from '@jest/globals';
import { goJson } from '../formats/go-json.js';
import { decodePodTemplate, PodTemplateError } from './decode-pod-template.js';

// Inputs and outputs compared with Go's encoding/json and k8s.io/api v0.34.1.
describe('decodePodTemplate', () => {
  it.each([
    ['{}', '{"metadata":{},"spec":{"containers":null}}'],
    ['{"spec":{"tolerations":[],"nodeSelector":{},"affinity":null}}', '{"metadata":{},"spec":{"containers":null}}'],
    [
      '{"spec":{"terminationGracePeriodSeconds":0,"hostNetwork":false,"shareProcessNamespace":false,"colour":1}}',
      '{"metadata":{},"spec":{"containers":null,"terminationGracePeriodSeconds":0,"shareProcessNamespace":false}}',
    ],
    [
      '{"spec":{"securityContext":{},"containers":[{"securityContext":{"allowPrivilegeEscalation":false,"runAsUser":1000,"capabilities":{"drop":["ALL"]}},"name":"mcp"}]}}',
      '{"metadata":{},"spec":{"containers":[{"name":"mcp","resources":{},"securityContext":{"capabilities":{"drop":["ALL"]},"runAsUser":1000,"allowPrivilegeEscalation":false}}],"securityContext":{}}}',
    ],
    [
      '{"spec":{"containers":[{"name":"mcp","resources":{"limits":{"memory":"0.5Gi","cpu":2}}}]}}',
      '{"metadata":{},"spec":{"containers":[{"name":"mcp","resources":{"limits":{"cpu":"2","memory":"512Mi"}}}]}}',
    ],
    [
      '{"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":"http"}}},null]}}',
      '{"metadata":{},"spec":{"containers":[{"name":"a","resources":{},"livenessProbe":{"httpGet":{"port":"http"}}},{"name":"","resources":{}}]}}',
    ],
    [
      '{"metadata":{"creationTimestamp":"2024-01-01T00:00:00+01:00","labels":{"b":"1","a":"2"}}}',
      '{"metadata":{"creationTimestamp":"2023-12-31T23:00:00Z","labels":{"a":"2","b":"1"}},"spec":{"containers":null}}',
    ],
    [
      '{"spec":{"volumes":[{"name":"c","ephemeral":{"volumeClaimTemplate":{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}}}]}}',
      '{"metadata":{},"spec":{"volumes":[{"name":"c","ephemeral":{"volumeClaimTemplate":{"metadata":{},"spec":{"resources":{"requests":{"storage":"1Gi"}}}}}}],"containers":null}}',
    ],
  ])('writes %s as a typed client would', (raw, written) => {
    expect(goJson(decodePodTemplate(JSON.parse(raw)))).toBe(written);
  });

  it.each([
    [
      { spec: { containers: 'x' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      { spec: { containers: [{ name: 5 }] } },
      'json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string',
    ],
    [{ spec: [] }, 'json: cannot unmarshal array into Go struct field PodTemplateSpec.spec of type v1.PodSpec'],
    [
      { metadata: { labels: { a: 5 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { metadata: { labels: [] } },
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      { spec: { hostname: true } },
      'json: cannot unmarshal bool into Go struct field PodSpec.spec.hostname of type string',
    ],
    [
      { spec: { restartPolicy: 5 } },
      'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
    ],
    [
      { spec: { containers: [{ ports: [{ containerPort: 1.5 }] }] } },
      'json: cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      { spec: { terminationGracePeriodSeconds: '5' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
    ],
    [
      { spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  ])('refuses %j in the words of Go', (raw, message) => {
    expect(() => decodePodTemplate(raw)).toThrow(new PodTemplateError(message));
  });
});
