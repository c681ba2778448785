import { writeFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { dump } from 'js-yaml';
import { DefaultStorageClass } from './admission/default-storage-class.js';
import { LimitRanger } from './admission/limit-ranger.js';
import { PodPriority } from './admission/pod-priority.js';
import { PodServiceAccount } from './admission/pod-service-account.js';
import { ResourceQuotaAdmission } from './admission/resource-quota.js';
import { AccessControl } from './authorization/access-control.js';
import { EscalationGuard } from './authorization/escalation-guard.js';
import { PermissionLog } from './authorization/permission-log.js';
import { RbacAuthorizer } from './authorization/rbac-authorizer.js';
import { clockOf, skewed, type Clock } from './clock.js';
import { bootstrapObjects } from './builtins/bootstrap-objects.js';
import { builtinResources } from './builtins/builtin-resources.js';
import type { Api, ServerController } from './controllers/api.js';
import { GivenMetrics } from './controllers/autoscaling/given-metrics.js';
import type { WorkloadSimulator } from './controllers/workload-simulator.js';
import { DEFINITIONS } from './crd/definition.js';
import { definitionCode } from './crd/definition-code.js';
import { DefinitionController } from './crd/definition-controller.js';
import { definitionResource } from './crd/definition-resource.js';
import { TerminatingDefinitions } from './crd/terminating-definitions.js';
import { FaultInjector, type Faults } from './faults/fault-injector.js';
import { ApiHandler } from './http/api-handler.js';
import { ApiServer } from './http/api-server.js';
import { breakOff, type ApiRequest, type ApiResponse } from './http/messages.js';
import { Authenticator, randomToken } from './http/authentication.js';
import {
  makeCertificateAuthority,
  serverCertificate,
  type CertificateAuthority,
  type ClientCertificate,
  type ServerCertificate,
} from './http/certificates.js';
import { InProcessConnections } from './http/in-process-connections.js';
import { makeKubeconfig, type Kubeconfig } from './http/kubeconfig.js';
import { RequestRecorder } from './http/request-recorder.js';
import { makeSigningKey, ServiceAccountTokens } from './http/service-account-tokens.js';
import { DEFAULT_GIT_VERSION, versionInfo } from './http/version.js';
import { silentLogger, type Logger } from './logger.js';
import { Admission } from './resources/admission.js';
import { qualifiedResource } from './resources/errors.js';
import { InProcessApi } from './resources/in-process-api.js';
import { NamespaceLifecycle } from './resources/namespace-lifecycle.js';
import { parseApiVersion, ResourceRegistry } from './resources/registry.js';
import type { WritePipeline } from './resources/write-context.js';
import type { AuditLog } from './webhooks/audit-log.js';
import { Webhooks } from './webhooks/webhooks.js';
import { makeControllers, type ControllerSwitches } from './server-controllers.js';
import type { DataDirectory } from './storage/data-directory.js';
import { Store } from './storage/store.js';

export interface ControlPlaneOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** HTTPS with a certificate of its own making. Default true; without it anyone who can reach the port is heard in clear. */
  readonly tls?: boolean;
  /** Users beside the administrator. What they may do, their Roles and ClusterRoles say. Default: none. */
  readonly tokens?: readonly UserToken[];
  /**
   * A directory to keep all objects in, with the administrator's token and the certificate authority, so that a later
   * server goes on from there; made when it is missing. What a client was told is done survives a kill and a power cut.
   * Default: all state is in memory and goes with the server.
   */
  readonly data?: string;
  /** The controllers of kube-controller-manager that run here. All are on by default. */
  readonly controllers?: ControllerSwitches;
  /** What `/version` says. Default `v1.34.1`. */
  readonly gitVersion?: string;
  /** The time that objects are stamped with, and the timers that watches and retries wait by. Default: the machine's. */
  readonly clock?: Clock | (() => Date);
  /** Default: says nothing. */
  readonly logger?: Logger;
}

/** A user that the server knows by a bearer token. */
export interface UserToken {
  readonly token: string;
  /** User name, as RoleBindings name it. */
  readonly user: string;
  /** Default: none. `system:authenticated` is always added. */
  readonly groups?: readonly string[];
  readonly uid?: string;
}

export interface SettleOptions {
  readonly signal?: AbortSignal;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

/** How to reach a server. */
export interface Connection {
  readonly name: string;
  /** URL. */
  readonly server: string;
  /** Bearer token. */
  readonly token: string;
  /** PEM of the authority behind the server's certificate; absent without TLS. */
  readonly ca?: string;
}

/** The server's controllers still had work when the time was over. */
export class SettleTimeoutError extends Error {
  override readonly name = 'SettleTimeoutError';
  readonly code = 'ERR_SETTLE_TIMEOUT';

  constructor(
    timeoutMs: number,
    /** Names of the controllers that were not done. */
    readonly busy: readonly string[],
  ) {
    super(`the control plane had not settled after ${String(timeoutMs)} ms: ${busy.join(', ')} still had work to do`);
  }
}

const NAME = 'trueup';
const SYSTEM_MANAGER = 'kube-apiserver';
const SETTLE_TIMEOUT_MS = 10_000;
/** For so many turns of the event loop, work is waited for without a pause. */
const EAGER_TURNS = 200;

interface Parts {
  readonly store: Store;
  readonly data: DataDirectory | undefined;
  readonly pipeline: WritePipeline;
  readonly controllers: readonly ServerController[];
  readonly workloads: WorkloadSimulator | undefined;
  readonly requests: RequestRecorder;
  readonly faults: FaultInjector;
  readonly webhooks: Webhooks;
  readonly permissions: PermissionLog;
  readonly metrics: GivenMetrics;
  readonly authenticator: Authenticator;
  readonly server: ApiServer;
  readonly connections: InProcessConnections;
  readonly host: string;
  readonly token: string;
  readonly certificate: ServerCertificate | undefined;
  readonly startedInMs: number;
}

/**
 * A Kubernetes API server in this process, with the controllers that matter.
 *
 * All state is in memory and goes with it, unless it is given a directory for its data. kubectl and every other client reach it over HTTPS; code in the same process
 * may use {@link ControlPlane.api} instead.
 *
 * @example
 * ```ts
 * await using controlPlane = await ControlPlane.start();
 * await controlPlane.writeKubeconfig('kubeconfig');
 * ```
 */
export class ControlPlane implements AsyncDisposable {
  readonly #parts: Parts;
  #stopped: Promise<void> | undefined;

  /** Where the server listens, `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** Bearer token of an administrator (`system:masters`). */
  readonly token: string;
  /** PEM of the authority that signed the server's certificate; undefined without TLS. */
  readonly caCertificate: string | undefined;
  /** The server without the wire: immediate reads, the same write pipeline. Writes as the manager `trueup`. */
  readonly api: Api;
  /** Who asked the server for what, over HTTP. */
  readonly requests: RequestRecorder;
  /** Makes requests over HTTP fail, for tests of how clients take it; over HTTP it is at `/trueup/faults`. */
  readonly faults: Faults;
  /** Which permissions requests needed, by user: to prove a role, or to find what is too much in it. */
  readonly permissions: PermissionLog;
  /** What ValidatingAdmissionPolicies had to say for the audit log: of those bound with `Audit`, and their annotations. */
  readonly audit: AuditLog;
  /** What HorizontalPodAutoscalers go by: nothing, until it is given. */
  readonly metrics: GivenMetrics;
  /** The workload simulator, to make pods fail, hold or run something; undefined when it is switched off. */
  readonly workloads: WorkloadSimulator | undefined;
  /** From the call of `start` until requests were answered. */
  readonly startedInMs: number;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { server, certificate, host } = parts;
    this.url = `${certificate ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${String(server.port)}`;
    this.token = parts.token;
    this.caCertificate = certificate?.caCertificate;
    this.api = new InProcessApi(parts.pipeline, NAME);
    this.requests = parts.requests;
    this.faults = parts.faults;
    this.permissions = parts.permissions;
    this.audit = parts.webhooks.audit;
    this.metrics = parts.metrics;
    this.workloads = parts.workloads;
    this.startedInMs = parts.startedInMs;
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @throws PortError (`ERR_PORT_UNAVAILABLE`) when the port is taken; DataInUseError (`ERR_DATA_IN_USE`) when another
   * server uses the data.
   */
  static async start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const begin = performance.now();
    // Loaded late: most servers keep no data.
    const data =
      options.data === undefined
        ? undefined
        : (await import('./storage/data-directory.js')).DataDirectory.open(options.data);
    try {
      return await ControlPlane.#start(options, data, begin);
    } catch (error) {
      await data?.close();
      throw error;
    }
  }

  static async #start(
    options: ControlPlaneOptions,
    data: DataDirectory | undefined,
    begin: number,
  ): Promise<ControlPlane> {
    const { host = '127.0.0.1', port = 0, tls = true, logger = silentLogger } = options;
    const faults = new FaultInjector(() => {
      store.compact();
    });
    const clock = skewed(clockOf(options.clock), () => faults.clockSkewMs);
    const now = (): Date => clock.now();
    const version = versionInfo(options.gitVersion ?? DEFAULT_GIT_VERSION);
    const certificate = tls ? serverCertificate(host, data && keptAuthority(data)) : undefined;
    const report = (error: unknown): void => {
      logger.error({ err: error }, 'the control plane failed at something');
    };

    const contents = data?.contents();
    const store = new Store(contents ? { contents } : {});
    data?.follow(store);
    const registry = new ResourceRegistry(builtinResources.map((resource) => definitionResource(resource, now)));
    const rbac = new RbacAuthorizer(store);
    const webhooks = new Webhooks(store, registry, rbac);
    const switches = options.controllers ?? {};
    const admission = new Admission([
      new NamespaceLifecycle(store.table('namespaces')),
      new TerminatingDefinitions(),
      new LimitRanger(store.table('limitranges')),
      // Where nobody makes the default accounts, pods do without, as in envtest.
      ...((switches.serviceAccounts ?? true) ? [new PodServiceAccount(store.table('serviceaccounts'))] : []),
      new PodPriority(store.table('priorityclasses.scheduling.k8s.io')),
      new DefaultStorageClass(store.table('storageclasses.storage.k8s.io')),
      webhooks,
      new EscalationGuard(rbac),
      new ResourceQuotaAdmission({ store, api: () => systemApi, now }),
    ]);
    if (store.table(qualifiedResource(DEFINITIONS)).size > 0) await definitionCode.load();
    const pipeline: WritePipeline = { store, registry, admission, now };
    const systemApi = new InProcessApi(pipeline, SYSTEM_MANAGER);
    await createBootstrapObjects(systemApi);

    const authenticator = new Authenticator(
      new ServiceAccountTokens({
        account: (namespace, name) => store.table('serviceaccounts').get(namespace, name),
        now,
        ...(data && { signingKey: () => data.secret('service-account-key', makeSigningKey) }),
      }),
    );
    const token = data?.secret('administrator-token', randomToken) ?? randomToken();
    authenticator.accept(token, { username: 'admin', uid: 'admin', groups: ['system:masters'] });
    for (const { token: known, user, groups = [], uid } of options.tokens ?? []) {
      authenticator.accept(known, { username: user, groups, ...(uid === undefined ? {} : { uid }) });
    }
    const requests = new RequestRecorder();
    const metrics = new GivenMetrics();
    const permissions = new PermissionLog();
    let address = '';
    const { all, workloads } = makeControllers({
      switches,
      caCertificate: certificate?.caCertificate ?? '',
      clock,
      metrics,
    });
    const handler = new ApiHandler({
      pipeline,
      authenticator,
      access: new AccessControl(rbac, permissions),
      recorder: requests,
      faults,
      clock,
      logs: workloads?.logs,
      version,
      serverAddress: () => address,
      ...(data && { durable: () => data.durable() }),
      report,
    });
    const controllers = [
      new DefinitionController({
        store,
        registry,
        now,
        converter: (conversion) => webhooks.converter(conversion),
        report,
      }),
      ...all,
    ];
    const handle = (request: ApiRequest, response: ApiResponse): void => {
      handler.handle(request, response).catch((error: unknown) => {
        report(error);
        // Nobody waits for an answer that never comes.
        breakOff(response);
      });
    };
    const server = await ApiServer.listen({ host, port, ...(certificate ? { certificate } : {}), handle });
    address = `${host}:${String(server.port)}`;
    for (const controller of controllers) {
      controller.start(new InProcessApi(pipeline, managerOf(controller)));
    }
    const startedInMs = performance.now() - begin;
    logger.info({ address, startedInMs }, 'the control plane listens');
    return new ControlPlane({
      store,
      data,
      pipeline,
      controllers,
      workloads,
      webhooks,
      requests,
      faults,
      permissions,
      metrics,
      authenticator,
      server,
      connections: new InProcessConnections(handle),
      host,
      token,
      certificate,
      startedInMs,
    });
  }

  /** What a client needs to reach the server as its administrator. */
  get connection(): Connection {
    const { url, token, caCertificate } = this;
    return { name: NAME, server: url, token, ...(caCertificate === undefined ? {} : { ca: caCertificate }) };
  }

  /**
   * Opens a connection as a client in this process may use it in place of a socket. HTTP/1.1 without TLS is spoken over it,
   * whatever the port speaks.
   */
  connect(): Duplex {
    return this.#parts.connections.open();
  }

  /** No controller of the server has work left right now. */
  get isIdle(): boolean {
    return !this.#parts.controllers.some((controller) => controller.isBusy());
  }

  /** Makes a bearer token for a user, beside those of `tokens`: it may do what roles that are bound to the user say. */
  issueToken({ user, groups = [], uid }: Omit<UserToken, 'token'>): string {
    const { authenticator } = this.#parts;
    return authenticator.issue({ username: user, groups, ...(uid === undefined ? {} : { uid }) });
  }

  /**
   * Makes a client certificate for a user, as an alternative to a token.
   *
   * @returns undefined when the server was started without TLS.
   */
  issueClientCertificate({ user, groups = [] }: Omit<UserToken, 'token' | 'uid'>): ClientCertificate | undefined {
    return this.#parts.certificate?.issueClientCertificate({ username: user, groups });
  }

  /** A kubeconfig for the administrator; cluster, user and context are called `trueup`. */
  kubeconfig(): Kubeconfig {
    const { url, token, caCertificate } = this;
    return makeKubeconfig(NAME, { url, token, ...(caCertificate === undefined ? {} : { caCertificate }) });
  }

  /** Writes the kubeconfig to a file that only its owner may read: it holds the token. */
  async writeKubeconfig(path: string): Promise<void> {
    await writeFile(path, dump(this.kubeconfig()), { mode: 0o600 });
  }

  /**
   * Resolves when no controller of the server has work left: what they would do without another write has been done, and
   * what has become due by the server's clock. A test that moves the clock calls this afterwards.
   *
   * @throws {@link SettleTimeoutError} (`ERR_SETTLE_TIMEOUT`) when they go on for too long; the signal's reason when
   * that is aborted.
   */
  async settle({ signal, timeoutMs = SETTLE_TIMEOUT_MS }: SettleOptions = {}): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (const controller of this.#parts.controllers) controller.wake?.();
    let quietTurns = 0;
    // Work hops between controllers through events: settled is what stays idle for a few turns of the event loop.
    for (let turns = 0; quietTurns < 3; turns++) {
      signal?.throwIfAborted();
      const busy = this.#parts.controllers.filter((controller) => controller.isBusy());
      quietTurns = busy.length === 0 ? quietTurns + 1 : 0;
      if (busy.length > 0 && performance.now() > deadline) {
        throw new SettleTimeoutError(
          timeoutMs,
          busy.map(({ name }) => name),
        );
      }
      // What takes longer is waited for by others: a webhook, a stand-in.
      await (turns < EAGER_TURNS || quietTurns > 0 ? setImmediate() : setTimeout(1));
    }
  }

  /** Stops controllers, ends watches and connections, and frees the port. Safe to call again. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    const { controllers, store, server, connections, webhooks, data } = this.#parts;
    for (const controller of controllers) controller.stop();
    store.close();
    await webhooks.close();
    connections.close();
    await server.close();
    await data?.close();
  }
}

/** The server's own parts write as `kube-apiserver`, the others as what they stand for. */
function managerOf({ name }: ServerController): string {
  return name === 'customresourcedefinition-controller' ? SYSTEM_MANAGER : 'kube-controller-manager';
}

function keptAuthority(data: DataDirectory): CertificateAuthority {
  const kept = data.secret('certificate-authority', () => JSON.stringify(makeCertificateAuthority()));
  return JSON.parse(kept) as CertificateAuthority;
}

async function createBootstrapObjects(api: Api): Promise<void> {
  const plurals = new Map(builtinResources.map(({ group, kind, plural }) => [`${group}/${kind}`, plural]));
  for (const object of bootstrapObjects) {
    const { group } = parseApiVersion(object.apiVersion);
    const plural = plurals.get(`${group}/${object.kind}`);
    if (plural === undefined) throw new Error(`${object.kind} is bootstrapped but not served`);
    // Kept data have it already.
    if (api.get({ group, plural }, object.metadata.namespace, object.metadata.name ?? '')) continue;
    await api.create({ group, plural }, object);
  }
}
