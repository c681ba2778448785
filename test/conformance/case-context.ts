import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { ApiReply } from './api-client.js';
import { DEFAULT_HEADERS, DEFINITIONS, WEBHOOK_CONFIGURATIONS } from './api-conventions.js';
import type { Json, JsonObject } from './json.js';
import { Leftovers } from './leftovers.js';
import type { Target } from './target.js';
import { fill, fillObject, fillText } from './variables.js';

const FIRST_POLL_MS = 20;
const LAST_POLL_MS = 250;

/** One run of a case: names of its own, and what its steps have kept so far. */
export class CaseContext {
  readonly namespace: string;
  readonly group: string;
  /** Unique to this run, for names at cluster scope. */
  readonly suffix: string;
  readonly leftovers = new Leftovers();
  readonly #variables: Record<string, Json>;

  /** @param signal - Ends whatever the case waits for. */
  constructor(
    id: string,
    readonly target: Target,
    readonly signal: AbortSignal,
  ) {
    const suffix = `${id.toLowerCase()}-${randomInt(36 ** 5)
      .toString(36)
      .padStart(5, '0')}`;
    const namespace = `conf-${suffix}`;
    const group = `${suffix}.conformance.example`;
    const collections = `/apis/${group}/v1/namespaces/${namespace}`;
    this.suffix = suffix;
    this.namespace = namespace;
    this.group = group;
    this.#variables = {
      ns: namespace,
      group,
      suffix,
      server: target.client.server,
      core: `/api/v1/namespaces/${namespace}`,
      apis: `/apis/${group}/v1`,
      W: `${collections}/widgets`,
      P: `${collections}/plains`,
      crds: DEFINITIONS,
      webhooks: WEBHOOK_CONFIGURATIONS,
    };
  }

  /** Keeps a value under a name, for later steps. */
  keep(name: string, value: Json): void {
    this.#variables[name] = value;
  }

  fill(value: Json): Json {
    return fill(value, this.#variables);
  }

  fillObject(object: JsonObject): JsonObject {
    return fillObject(object, this.#variables);
  }

  fillText(text: string): string {
    return fillText(text, this.#variables);
  }

  /** A request of the runner's own, as the administrator. */
  send(method: string, path: string, body?: Json, contentType = 'application/json'): Promise<ApiReply> {
    return this.target.client.request({
      method,
      path,
      headers: { ...DEFAULT_HEADERS, 'Content-Type': contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: this.signal,
    });
  }

  /** Creates something that the case takes for granted. */
  async create(path: string, body: Json): Promise<void> {
    const { status, text } = await this.send('POST', path, body);
    if (status >= 300) throw new Error(`preparing: POST ${path}: ${String(status)} ${text.slice(0, 1500)}`);
  }

  /** Asks again and again until it is so. */
  async until(isSo: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    for (let waitMs = FIRST_POLL_MS; !(await isSo()); waitMs = Math.min(waitMs * 1.5, LAST_POLL_MS)) {
      if (performance.now() > deadline) throw new Error(`not so after ${String(limitMs / 1000)} s`);
      await this.sleep(waitMs);
    }
  }

  async sleep(delayMs: number): Promise<void> {
    await setTimeout(delayMs, undefined, { signal: this.signal });
  }

  /** Time for the server to see a change of its configuration. */
  async settle(): Promise<void> {
    if (this.target.settleMs > 0) await this.sleep(this.target.settleMs);
  }
}
