import {
  contentRefsOf,
  SpecError,
  type ContentRef,
  type Contents,
  type Deployment,
  type DesiredObject,
  type EnvVar,
  type PodSpec,
  type PodTemplateSpec,
  type Volume,
  type VolumeMount,
} from '@trueup/core';
import {
  containerSecurityContext,
  mergePodTemplate,
  podSecurityContext,
  podTemplateHash,
  PodTemplateError,
  proxyEnvironment,
  proxyReplicas,
  pullSecrets,
  type PullSecret,
} from '@trueup/mcp-workload';
import { createHash } from 'node:crypto';
import { accountName, configMapName, deploymentName, hmacSecretName, PORT, serverLabels } from '../names.js';
import type { VirtualMCPServer } from '../resource.js';

type Strings = Readonly<Record<string, string>>;

/** Name of the container that runs the server. */
const CONTAINER = 'vmcp';
const CONFIG_DIRECTORY = '/etc/vmcp-config';

/** On the pod template: the checksum of the configuration the pods run by. */
const CONFIG_CHECKSUM = 'toolhive.stacklok.dev/runconfig-checksum';
/** On the pod template: a digest of the Secrets and ConfigMaps that pods take in only when they start. */
const SECRETS_DIGEST = 'toolhive.stacklok.dev/secrets-digest';
/** On the Deployment: what of the spec shows in the pod template without having a field of its own there. */
const POD_TEMPLATE_HASH = 'toolhive.stacklok.io/podtemplatespec-hash';
const PULL_SECRETS_HASH = 'toolhive.stacklok.io/imagepullsecrets-hash';

export interface DeploymentParts {
  readonly image: string;
  /** Pull secrets that every server gets besides its own. */
  readonly defaultPullSecrets: readonly string[];
  readonly openShift: boolean;
  /** Checksum of the configuration. */
  readonly checksum: string;
  /** What the configuration refers to by name, in the order in which the server finds it. */
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
  /** The Deployment as it is. */
  readonly live: Deployment | undefined;
  readonly fieldManager: string;
  /** What is known of Secret and ConfigMap keys. */
  contents(refs: readonly ContentRef[]): Pick<Contents, 'digest'>;
}

export interface DesiredDeployment extends DesiredObject {
  readonly metadata: { readonly name: string; readonly labels: Strings; readonly annotations?: Strings };
}

/**
 * The Deployment that runs a server, with the pod template of the spec laid over ours.
 * @throws {@link SpecError} when that is not a pod template.
 */
export function serverDeployment(server: VirtualMCPServer, parts: DeploymentParts): DesiredDeployment {
  const { metadata, spec } = server;
  const { name } = metadata;
  const labels = serverLabels(name);
  const secrets = pullSecrets(spec.imagePullSecrets, parts.defaultPullSecrets);
  const annotations = specHashes(spec.podTemplateSpec, secrets);
  const replicas = proxyReplicas({
    replicas: spec.replicas,
    isSingle: false,
    live: parts.live,
    fieldManager: parts.fieldManager,
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deploymentName(name), labels, ...(annotations && { annotations }) },
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: labels },
      template: withDigest(laidOver(podTemplate(server, secrets, parts), spec.podTemplateSpec), name, parts),
    },
  };
}

function podTemplate(
  { metadata: { name }, spec }: VirtualMCPServer,
  imagePullSecrets: readonly PullSecret[] | undefined,
  { image, checksum, openShift, env, volumes, volumeMounts }: DeploymentParts,
): Required<PodTemplateSpec> {
  const isDebug = spec.config?.operational?.logLevel === 'debug';
  return {
    metadata: { labels: serverLabels(name), annotations: { [CONFIG_CHECKSUM]: checksum } },
    spec: {
      serviceAccountName: spec.serviceAccount || accountName(name),
      ...(imagePullSecrets && { imagePullSecrets }),
      terminationGracePeriodSeconds: 30,
      securityContext: podSecurityContext({ openShift }),
      containers: [
        {
          name: CONTAINER,
          image,
          imagePullPolicy: 'IfNotPresent',
          args: [
            'serve',
            `--config=${CONFIG_DIRECTORY}/config.yaml`,
            '--host=0.0.0.0',
            `--port=${PORT}`,
            ...(isDebug ? ['--debug'] : []),
          ],
          ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
          env: proxyEnvironment(env),
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
          volumeMounts: [{ name: 'vmcp-config', mountPath: CONFIG_DIRECTORY, readOnly: true }, ...volumeMounts],
          livenessProbe: probe('/health', { initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5 }),
          readinessProbe: probe('/readyz', { initialDelaySeconds: 15, periodSeconds: 5, timeoutSeconds: 3 }),
          securityContext: containerSecurityContext({ openShift }),
        },
      ],
      volumes: [{ name: 'vmcp-config', configMap: { name: configMapName(name) } }, ...volumes],
    },
  };
}

function probe(path: string, timing: Readonly<Record<string, number>>) {
  return { httpGet: { path, port: 'http' }, ...timing, failureThreshold: 3 };
}

function laidOver(template: Required<PodTemplateSpec>, own: unknown): Required<PodTemplateSpec> {
  if (own === undefined || isEmpty(own)) return template;
  try {
    const { metadata, spec } = mergePodTemplate(template, own);
    return { metadata, spec: { ...spec, containers: spec.containers ?? [] } };
  } catch (error) {
    if (!(error instanceof PodTemplateError)) throw error;
    throw new SpecError(`Invalid PodTemplateSpec: ${error.message}`);
  }
}

/** Whatever pods take in when they start must restart them when it changes. */
function withDigest(
  template: Required<PodTemplateSpec>,
  server: string,
  { contents }: DeploymentParts,
): PodTemplateSpec {
  const { digest } = contents(contentsOf(template.spec, server));
  if (digest === undefined) return template;
  const annotations = { ...template.metadata.annotations, [SECRETS_DIGEST]: digest };
  return { ...template, metadata: { ...template.metadata, annotations } };
}

/**
 * The configuration has a checksum of its own, and the value of our own Secret is not used. Certificates in volumes are
 * brought up to date while the pod runs, but the server reads them once.
 */
function contentsOf(pod: PodSpec, server: string): readonly ContentRef[] {
  const own = [configMapName(server), hmacSecretName(server)];
  const certificates = (pod.volumes ?? []).flatMap(({ configMap: { name = '', items = [] } = {} }) =>
    items.map(({ key }): ContentRef => ({ kind: 'ConfigMap', name, key, optional: true })),
  );
  return [...contentRefsOf(pod), ...certificates].filter(({ name }) => !own.includes(name));
}

function specHashes(podTemplateSpec: unknown, secrets: readonly PullSecret[] | undefined): Strings | undefined {
  if (podTemplateSpec === undefined && secrets === undefined) return undefined;
  return {
    ...(podTemplateSpec !== undefined && { [POD_TEMPLATE_HASH]: podTemplateHash(podTemplateSpec) }),
    ...(secrets && { [PULL_SECRETS_HASH]: pullSecretsHash(secrets) }),
  };
}

/** In whatever order they are named. */
function pullSecretsHash(secrets: readonly PullSecret[]): string {
  const names = secrets.map(({ name }) => name).sort();
  return createHash('sha256')
    .update(JSON.stringify(names.map((name) => ({ name }))))
    .digest('hex');
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
