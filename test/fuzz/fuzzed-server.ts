import { ControlPlane } from '@trueup/control-plane';
import { definition, gadget } from './good-documents.js';
import { RawClient } from './raw-client.js';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const GADGETS = '/apis/example.com/v1/namespaces/default/gadgets';
export const PODS = '/api/v1/namespaces/default/pods';

/** A server with the kind Gadget and one gadget, that remembers what it said went wrong in itself. */
export class FuzzedServer {
  private constructor(
    readonly controlPlane: ControlPlane,
    readonly client: RawClient,
    private readonly failures: unknown[],
  ) {}

  static async start(): Promise<FuzzedServer> {
    const failures: unknown[] = [];
    const error = (fields: unknown): void => {
      failures.push(fields);
    };
    const controlPlane = await ControlPlane.start({ tls: false, logger: { info: () => undefined, error } });
    const server = new FuzzedServer(controlPlane, new RawClient(controlPlane), failures);
    await server.create(DEFINITIONS, definition);
    await controlPlane.settle();
    await server.create(GADGETS, gadget);
    return server;
  }

  /** @throws when the server does not take it. */
  async create(path: string, object: object): Promise<void> {
    const { status, body } = await this.client.send({ method: 'POST', path, body: JSON.stringify(object) });
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${body}`);
  }

  /** What went wrong since the last look. */
  takeFailures(): unknown[] {
    return this.failures.splice(0);
  }

  stop(): Promise<void> {
    return this.controlPlane.stop();
  }
}
