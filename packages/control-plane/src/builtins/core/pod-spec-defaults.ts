import type { JsonObject } from '../../object.js';
import { ensureObjectAt, numberAt, objectAt, objectsAt, optionalObjectAt, setDefault, stringAt } from '../../access.js';
import { formatQuantity, parseQuantity, roundUpToMilli } from '../../quantity.js';

/** Fills the defaults of a pod's spec, the ones a client sees when it compares what it wrote with what it reads. */
export function defaultPodSpec(spec: JsonObject): void {
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'securityContext', {});
  setDefault(spec, 'schedulerName', 'default-scheduler');
  // `serviceAccount` is the older name of `serviceAccountName` and follows it.
  const account = stringAt(spec, 'serviceAccountName') || stringAt(spec, 'serviceAccount');
  if (account !== '') Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  for (const volume of objectsAt(spec, 'volumes')) defaultVolume(volume);
  const hostNetwork = spec['hostNetwork'] === true;
  for (const container of containersOf(spec)) defaultContainer(container, hostNetwork);
  for (const constraint of objectsAt(spec, 'topologySpreadConstraints')) {
    setDefault(constraint, 'nodeAffinityPolicy', 'Honor');
    setDefault(constraint, 'nodeTaintsPolicy', 'Ignore');
  }
}

/** The spec of a template and whatever makes it up, made if they are not there. */
export function podSpecOf(owner: JsonObject): JsonObject {
  return ensureObjectAt(ensureObjectAt(owner, 'template'), 'spec');
}

export function containersOf(spec: JsonObject): JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) => objectsAt(spec, field));
}

function defaultContainer(container: JsonObject, hostNetwork: boolean): void {
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  setDefault(
    container,
    'imagePullPolicy',
    imageTag(stringAt(container, 'image')) === 'latest' ? 'Always' : 'IfNotPresent',
  );
  for (const port of objectsAt(container, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (hostNetwork && numberAt(port, 'hostPort') === 0) port['hostPort'] = port['containerPort'];
  }
  for (const variable of objectsAt(container, 'env')) {
    const field = optionalObjectAt(objectAt(variable, 'valueFrom'), 'fieldRef');
    if (field !== undefined) setDefault(field, 'apiVersion', 'v1');
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const present = optionalObjectAt(container, probe);
    if (present !== undefined) defaultProbe(present);
  }
  const lifecycle = objectAt(container, 'lifecycle');
  for (const hook of ['postStart', 'preStop']) defaultHttpGet(objectAt(lifecycle, hook));
  const resources = objectAt(container, 'resources');
  for (const list of ['limits', 'requests']) roundUp(objectAt(resources, list));
}

function defaultProbe(probe: JsonObject): void {
  const counts = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  for (const [field, value] of Object.entries(counts)) setDefault(probe, field, value);
  defaultHttpGet(probe);
  const grpc = optionalObjectAt(probe, 'grpc');
  // A pointer to a string: the empty service name is written out.
  if (grpc !== undefined && grpc['service'] === undefined) grpc['service'] = '';
}

function defaultHttpGet(handler: JsonObject): void {
  const action = optionalObjectAt(handler, 'httpGet');
  if (action === undefined) return;
  setDefault(action, 'path', '/');
  setDefault(action, 'scheme', 'HTTP');
}

function roundUp(resources: JsonObject): void {
  for (const [name, amount] of Object.entries(resources)) {
    if (typeof amount === 'string') resources[name] = formatQuantity(roundUpToMilli(parseQuantity(amount)));
  }
}

/** The tag of an image, `latest` if it has neither tag nor digest. */
function imageTag(image: string): string {
  if (image.includes('@')) return '';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.lastIndexOf(':');
  return colon < 0 ? 'latest' : name.slice(colon + 1);
}

const FILE_MODE = 0o644;

function defaultVolume(volume: JsonObject): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume['emptyDir'] = {};
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const present = optionalObjectAt(volume, source);
    if (present !== undefined) setDefault(present, 'defaultMode', FILE_MODE);
  }
  defaultFieldRefs(objectAt(volume, 'downwardAPI'));
  for (const source of objectsAt(objectAt(volume, 'projected'), 'sources')) {
    defaultFieldRefs(objectAt(source, 'downwardAPI'));
    const token = optionalObjectAt(source, 'serviceAccountToken');
    if (token !== undefined) setDefault(token, 'expirationSeconds', 3600);
  }
  const hostPath = optionalObjectAt(volume, 'hostPath');
  // A pointer to a string: the empty type is written out.
  if (hostPath !== undefined && hostPath['type'] === undefined) hostPath['type'] = '';
  const claim = optionalObjectAt(objectAt(volume, 'ephemeral'), 'volumeClaimTemplate');
  if (claim !== undefined) setDefault(ensureObjectAt(claim, 'spec'), 'volumeMode', 'Filesystem');
  const iscsi = optionalObjectAt(volume, 'iscsi');
  if (iscsi !== undefined) setDefault(iscsi, 'iscsiInterface', 'default');
}

function defaultFieldRefs(downward: JsonObject): void {
  for (const item of objectsAt(downward, 'items')) {
    const field = optionalObjectAt(item, 'fieldRef');
    if (field !== undefined) setDefault(field, 'apiVersion', 'v1');
  }
}
