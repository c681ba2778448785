import { describe, expect, it } from '@jest/globals';
import { normalizeObject } from '../builtins/go-codec.js';
import { isJsonObject } from '../object.js';
import { decodeMessage, openEnvelope } from './protobuf.js';

/** Bodies encoded by k8s.io/apimachinery 0.34.1, base64, with the JSON that the same library makes of the object. */
const BODIES: readonly { definition: string; body: string; json: string }[] = [
  {
    definition: 'io.k8s.api.apps.v1.Deployment',
    body: 'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EqIDCjwKAWQSABoCbnMiACoAMgA4AEIAWgYKAWESAWJiBgoBYxIBZGoXCglDb25maWdNYXAaAW8iAXUqAnYxMAES0wIIABIZCggKA2FwcBIBZBINCgFrEgJJbhoBeBoBehqJAgoaCgASABoAIgAqADIAOABCAFoICgNhcHASAWQS6gEKGAoBdhITmgEQCgMKAWMSCQoBaxIBcBikAwoTCgF0Eg7SAQsKCSIHCgAQPBoBdBKQAQoBYRIDYToxKgAyCgoAEAAYUCIAKgA6EwoBWBIAGgwiCgoDCgFzEgFrGAFCIAoNCgNjcHUSBgoEMTAwbQoPCgZtZW1vcnkSBQoDMUdpSg0KAXYQABoCL3YiADIAWiIKFhIUCgIveBIKCAEQABoEaHR0cBoAIgAQABgAIAUoADAAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaAByBxDoByABIAKCAQCKAQCaAQCoAQDCAQAiJAoNUm9sbGluZ1VwZGF0ZRITCgkIARAAGgMxMCUSBggAEAEaACgAOAAaDAgAEAAYACAAKAA4ABoAIgA=',
    json: `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"d","namespace":"ns","labels":{"a":"b"},"annotations":{"c":"d"},"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u","controller":true}]},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"d"},"matchExpressions":[{"key":"k","operator":"In","values":["x","z"]}]},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"volumes":[{"name":"v","configMap":{"name":"c","items":[{"key":"k","path":"p","mode":420}]}},{"name":"t","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":60,"path":"t"}}]}}],"containers":[{"name":"a","image":"a:1","ports":[{"containerPort":80}],"env":[{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":true}}}],"resources":{"limits":{"cpu":"100m","memory":"1Gi"}},"volumeMounts":[{"name":"v","mountPath":"/v"}],"readinessProbe":{"httpGet":{"path":"/x","port":"http"},"periodSeconds":5}}],"automountServiceAccountToken":false,"securityContext":{"runAsUser":1000,"supplementalGroups":[1,2]}}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"10%","maxSurge":1}}},"status":{}}`,
  },
  {
    definition: 'io.k8s.api.core.v1.Secret',
    body: 'azhzAAoMCgJ2MRIGU2VjcmV0EjQKGQoBcxIAGgAiACoAMgA4AEIICICByKwGEAASBwoBaxICAP8aBk9wYXF1ZSIGCgFsEgF4GgAiAA==',
    json: `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s","creationTimestamp":"2024-01-01T00:00:00Z"},"data":{"k":"AP8="},"stringData":{"l":"x"},"type":"Opaque"}`,
  },
  {
    definition: 'io.k8s.api.coordination.v1.Lease',
    body: 'azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRIuChYKBWxlYXNlEgAaACIAKgAyATU4AEIAEhQKAWEQDyILCICByKwGEICU7zooABoAIgA=',
    json: `{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"lease","resourceVersion":"5"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2024-01-01T00:00:00.123456Z","leaseTransitions":0}}`,
  },
  {
    definition: 'io.k8s.api.authentication.v1.TokenReview',
    body: 'azhzAAonChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESC1Rva2VuUmV2aWV3EjQKEAoAEgAaACIAKgAyADgAQgASAwoBdBobCAESFQoBdRIAGgFnIgsKAWUSBgoBdgoBdxoAGgAiAA==',
    json: `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"t"},"status":{"authenticated":true,"user":{"username":"u","groups":["g"],"extra":{"e":["v","w"]}}}}`,
  },
  {
    definition: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    body: 'azhzAAozChdhcGlleHRlbnNpb25zLms4cy5pby92MRIYQ3VzdG9tUmVzb3VyY2VEZWZpbml0aW9uEqcDChkKCWZvb3MuZC5pbxIAGgAiACoAMgA4AEIAEv0CCgRkLmlvGg8KBGZvb3MSACIDRm9vKgAiCk5hbWVzcGFjZWQ61QIKAnYxEAEYASLIAgrFAgoAEgAiACoGb2JqZWN0MgA6AFAAYAB6AJABAOoBQwoBYRI+CgASACIAKgZudW1iZXIyADoAQgMKATFQAFkAAAAAAADgP2AAegCQAQCiAQMKATGiAQMKATKoAgC4AgDAAgDqAVEKAWISTAoAEgAiACoFYXJyYXkyADoAUABgAHoAkAEAwgEmCiQKABIAIgAqBnN0cmluZzIAOgBQAGAAegCQAQCoAgC4AgDAAgCoAgC4AgDAAgDqAVUKAWMSUAoAEgAiACoGb2JqZWN0MgA6AFAAYAB6AJABAPIBKQgBEiUKABIAIgAqB2ludGVnZXIyADoAUABgAHoAkAEAqAIAuAIAwAIAqAIAuAIAwAIA6gEsCgFkEicKABIAIgAqBm9iamVjdDIAOgBQAGAAegCQAQCoAgCwAgG4AgDAAgCoAgC4AgDAAgA4AFAAGgoSCAoAEgAiACoAGgAiAA==',
    json: `{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"foos.d.io"},"spec":{"group":"d.io","names":{"plural":"foos","kind":"Foo"},"scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{"type":"number","default":1,"minimum":0.5,"enum":[1,2]},"b":{"type":"array","items":{"type":"string"}},"c":{"type":"object","additionalProperties":{"type":"integer"}},"d":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]},"status":{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":null}}`,
  },
  {
    definition: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    body: 'azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxITCAASAwoBdSIKQmFja2dyb3VuZBoAIgA=',
    json: `{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"u"},"propagationPolicy":"Background"}`,
  },
  {
    definition: 'io.k8s.api.core.v1.Event',
    body: 'azhzAAoLCgJ2MRIFRXZlbnQSVQoUCgJldhIAGgJucyIAKgAyADgAQgASFAoDUG9kEgAaA3BvZCIAKgAyADoAGgFSIgAqBAoAEgAyCAiAgcisBhAAOgBAAkoGTm9ybWFsUgBiAHIAegAaACIA',
    json: `{"kind":"Event","apiVersion":"v1","metadata":{"name":"ev","namespace":"ns"},"involvedObject":{"kind":"Pod","name":"pod"},"reason":"R","source":{},"firstTimestamp":"2024-01-01T00:00:00Z","lastTimestamp":null,"count":2,"type":"Normal","eventTime":null,"reportingComponent":"","reportingInstance":""}`,
  },
];

describe('protobuf of Go clients', () => {
  it.each(BODIES)('$definition means what its JSON does', ({ definition, body, json }) => {
    const expected: unknown = JSON.parse(json);
    if (!isJsonObject(expected)) throw new Error('not an object');
    const { apiVersion, kind, message } = openEnvelope(Buffer.from(body, 'base64'));
    const decoded = { apiVersion, kind, ...decodeMessage(definition, message) };
    normalizeObject(definition, decoded);
    normalizeObject(definition, expected);

    expect(decoded).toEqual(expected);
  });
});
