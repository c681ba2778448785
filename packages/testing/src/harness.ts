import { randomBytes } from 'node:crypto';
import type { ControlPlane, ControlPlaneOptions } from '@trueup/control-plane';
import { Operator, type KindOf, type OperatorModule, type OperatorOptions } from '@trueup/core';
import {
  Client,
  clusterFromToken,
  formatName,
  loadCluster,
  parseManifests,
  type ClusterConnection,
  type KubernetesObject,
  type RequestRecord,
} from '@trueup/kube';
import { pino } from 'pino';
import { OperatorAccount } from './operator-account.js';
import { PlayedImages, type PlayedImage } from './played-images.js';

export interface HarnessOptions {
  readonly modules: readonly OperatorModule[];
  /** Overrides what the modules registered. */
  readonly register?: OperatorOptions['register'];
  /** Of the embedded API server; not used against another one. */
  readonly controlPlane?: ControlPlaneOptions;
  /** What images do in pods that are ready: nothing runs in them, here or on another server of tests. */
  readonly images?: readonly PlayedImage[];
  /** See {@link OperatorOptions.formerManagers}. */
  readonly formerManagers?: OperatorOptions['formerManagers'];
  /** Default: silent. */
  readonly logger?: OperatorOptions['logger'];
  /** The operator's time. Default: the machine's. */
  readonly clock?: OperatorOptions['clock'];
}

const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false } as const;
const WRITES: readonly string[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const SETTLE_TIMEOUT_MS = 20_000;
/** Controllers of a server that is not ours can't be asked whether they are done: how long nothing must have moved. */
const QUIET_MS = 500;

/**
 * An operator under test: it runs in this process, against an API server in this process, in a namespace of its own.
 *
 * With `KUBECONFIG` set it runs against that cluster instead, which takes an administrator: kinds are installed there, and
 * the namespace is deleted at the end. Tests written with it pass on both.
 */
export class Harness implements AsyncDisposable {
  /** Requests of the operator that change something, as the server answered them, since the last {@link forgetWrites}. */
  readonly writes: RequestRecord[] = [];

  private constructor(
    /** For the test's own requests; they do not count as the operator's. */
    readonly client: Client,
    readonly operator: Operator,
    readonly namespace: string,
    /** The embedded API server; absent when another one is used. */
    readonly controlPlane: ControlPlane | undefined,
    private readonly account: OperatorAccount,
    /** On another server; the embedded one plays them itself. */
    private readonly playedImages: PlayedImages | undefined,
  ) {
    operator.client.onRequest((request) => {
      if (WRITES.includes(request.verb)) this.writes.push(request);
    });
  }

  /** Starts server and operator, installs the modules' kinds and makes a namespace. */
  static async start(options: HarnessOptions): Promise<Harness> {
    const { controlPlane, connection } = await serverFor(options);
    const client = new Client(connection, { userAgent: 'trueup-harness' });
    const namespace = `test-${randomBytes(4).toString('hex')}`;
    await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const takesOver = (options.formerManagers ?? []).length > 0;
    const account = await (controlPlane === undefined
      ? OperatorAccount.impersonated(client, options.modules, { namespace, takesOver })
      : OperatorAccount.create(controlPlane, options.modules, { namespace, takesOver }));
    const operator = await Operator.create({
      modules: options.modules,
      connection: account.connection,
      namespaces: [namespace],
      logger: options.logger ?? pino({ level: 'silent' }),
      digestKey: randomBytes(16).toString('hex'),
      // Another server has no way to this process.
      ...(controlPlane && { webhooks: { bindAddress: '127.0.0.1:0', address: 'local' } }),
      ...(options.register === undefined ? {} : { register: options.register }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.formerManagers === undefined ? {} : { formerManagers: options.formerManagers }),
    });
    if (controlPlane === undefined) account.observe(operator.client);
    const { images = [] } = options;
    const played = controlPlane === undefined ? new PlayedImages(images, client, namespace) : undefined;
    const harness = new Harness(client, operator, namespace, controlPlane, account, played);
    try {
      const asAdministrator = { client, signal: AbortSignal.timeout(SETTLE_TIMEOUT_MS) };
      await operator.installKinds(asAdministrator);
      await operator.installWebhooks(asAdministrator);
      await operator.start();
    } catch (error) {
      await harness.stop();
      throw error;
    }
    return harness;
  }

  /** Applies objects, or the documents of a YAML text, in the harness' namespace where they name none. */
  async apply(...manifests: readonly (string | ManifestObject)[]): Promise<void> {
    for (const object of manifests.flatMap(objectsOf)) {
      const resource = await this.client.discover(kindOf(object));
      const metadata = resource.namespaced ? { namespace: this.namespace, ...object.metadata } : object.metadata;
      await this.client.apply(resource, { ...object, metadata }, { fieldManager: 'harness', force: true });
    }
  }

  /** The object as the API server has it now; undefined when there is none. */
  get<T extends KubernetesObject>({ resource }: KindOf<T>, name: string): Promise<T | undefined> {
    return this.client.find<T>(resource, this.#named(resource.namespaced, name));
  }

  /** Like {@link get}, for an object that must be there. @throws when it is not. */
  async require<T extends KubernetesObject>(kind: KindOf<T>, name: string): Promise<T> {
    const object = await this.get(kind, name);
    if (object === undefined)
      throw new Error(`${kind.resource.kind} ${formatName({ namespace: this.namespace, name })} does not exist`);
    return object;
  }

  async list<T extends KubernetesObject>({ resource }: KindOf<T>): Promise<readonly T[]> {
    const scope = resource.namespaced ? { namespace: this.namespace } : {};
    return (await this.client.list<T>(resource, scope)).items;
  }

  /** Merge-patches an object, as a user would edit it. */
  async patch<T extends KubernetesObject>({ resource }: KindOf<T>, name: string, patch: object): Promise<T> {
    return this.client.mergePatch<T>(resource, this.#named(resource.namespaced, name), patch);
  }

  /** Merge-patches the status, as a controller would write it. */
  async patchStatus<T extends KubernetesObject>({ resource }: KindOf<T>, name: string, status: object): Promise<T> {
    return this.client.mergePatch<T>(
      resource,
      this.#named(resource.namespaced, name),
      { status },
      { subresource: 'status' },
    );
  }

  async delete({ resource }: KindOf, name: string): Promise<void> {
    await this.client.delete(resource, this.#named(resource.namespaced, name));
  }

  /**
   * Resolves when nothing is left to do: the server's controllers and the operator's queues are done, and its caches have
   * seen every write.
   *
   * @throws when that takes more than `timeoutMs` (default 20 s); it says what still moves. {@link PermissionError} when the
   * operator was refused something: it may do what its declarations say, and nothing else.
   */
  async settle({ timeoutMs = SETTLE_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    let reconciles: number;
    do {
      reconciles = this.operator.reconcileCount;
      const left = Math.max(1, deadlineMs - performance.now());
      const options = { timeoutMs: left, signal: this.account.signal };
      await this.controlPlane?.settle(options);
      await this.playedImages?.settle();
      await this.operator.settle(options);
      if (this.controlPlane === undefined) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    } while (this.operator.reconcileCount !== reconciles || this.controlPlane?.isIdle === false);
  }

  forgetWrites(): void {
    this.writes.length = 0;
  }

  /**
   * Stops the operator and removes what the test made. Nothing stays open.
   *
   * @throws {@link PermissionError} when the operator was refused something at any time.
   */
  async stop(): Promise<void> {
    await this.operator.stop();
    await this.playedImages?.stop();
    if (this.controlPlane === undefined) await this.client.delete(NAMESPACE, { name: this.namespace });
    await this.account.remove();
    await this.client.close();
    await this.controlPlane?.stop();
    this.account.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #named(namespaced: boolean, name: string): { readonly namespace?: string; readonly name: string } {
    return namespaced ? { namespace: this.namespace, name } : { name };
  }
}

/** An object in a test: what Kubernetes needs, and whatever the kind has. */
export type ManifestObject = KubernetesObject & { readonly [field: string]: unknown };

async function serverFor(
  options: HarnessOptions,
): Promise<{ readonly controlPlane?: ControlPlane; readonly connection: ClusterConnection }> {
  const kubeconfig = process.env['KUBECONFIG'];
  if (kubeconfig !== undefined && kubeconfig !== '') return { connection: await loadCluster({ kubeconfig }) };
  // Loaded only where it is used: another server is tested without it.
  const { ControlPlane } = await import('@trueup/control-plane');
  const controlPlane = await ControlPlane.start({ tls: false, ...options.controlPlane });
  for (const { image, play } of options.images ?? []) controlPlane.workloads?.onImage(image, play);
  return { controlPlane, connection: connectionTo(controlPlane) };
}

function connectionTo({ url, token, caCertificate }: ControlPlane): ClusterConnection {
  return clusterFromToken({ server: url, token, ...(caCertificate === undefined ? {} : { ca: caCertificate }) });
}

function objectsOf(manifest: string | ManifestObject): readonly KubernetesObject[] {
  return typeof manifest === 'string' ? parseManifests(manifest, 'manifest').map(({ object }) => object) : [manifest];
}

function kindOf({ apiVersion, kind }: KubernetesObject): { group: string; version: string; kind: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}
