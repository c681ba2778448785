import { once } from 'node:events';
import { Operator } from '@trueup/core';
import { pino } from 'pino';
import type { OperatorApplication } from '../application.js';
import { describeError } from '../command-error.js';
import { applyManifests, type AppliedManifests } from './apply-manifests.js';
import { LiveView } from './live-view.js';
import { readManifests } from './manifest-files.js';
import { formatObjects, readObjects } from './printed-objects.js';
import { parseRunOptions, type RunOptions } from './run-options.js';
import { serve } from './serve.js';
import { operatorOptions } from './operator-options.js';
import { openServer, type Server } from './server.js';
import { formatTable, statusRow } from './status-table.js';

/**
 * Runs an operator as a command: on an embedded control plane, on the cluster of `--kubeconfig`, or in a pod with
 * `--in-cluster`. `--help` lists the options. Results go to stdout, everything else to stderr. Sets the process' exit code: 1 when something was refused
 * or did not settle.
 *
 * @param argv - The arguments; default: those of the process.
 */
export async function runOperator(
  application: OperatorApplication,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const options = parseRunOptions(application.name, application.manifests, argv);
  const stop = new AbortController();
  const interrupt = (): void => {
    // Who asks a second time does not want to wait for anything.
    if (stop.signal.aborted) process.exit(1);
    stop.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    if (options.inCluster) await serve(application, options, { signal: stop.signal, logs: stderr() });
    else await new Run(application, options, stop.signal).execute();
  } catch (error) {
    if (!stop.signal.aborted) fail(describeError(error, options.verbose));
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Sync: what is logged last is not lost when the process ends. */
const stderr = () => pino.destination({ dest: 2, sync: true });

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

/** One run of the command, from the server's start to its end. */
class Run {
  readonly #startedAtMs = performance.now();

  constructor(
    private readonly application: OperatorApplication,
    private readonly options: RunOptions,
    private readonly signal: AbortSignal,
  ) {}

  async execute(): Promise<void> {
    const { manifests, problems } = await readManifests(this.options.manifests);
    for (const problem of problems) fail(problem);
    const server = await openServer(this.application, this.options);
    try {
      const operator = await this.#startOperator(server);
      try {
        const applied = await applyManifests(operator.client, manifests, {
          createNamespaces: server.embedded !== undefined,
          signal: this.signal,
        });
        for (const refusal of applied.refusals) fail(refusal);
        if (this.options.once) await this.#once(server, operator, applied);
        else await this.#live(server, operator);
      } finally {
        // A cluster must not go on to ask who is not there any more.
        if (this.#installsWebhooks && server.embedded === undefined) await operator.uninstallWebhooks();
        await operator.stop();
      }
    } finally {
      await server.close();
    }
  }

  /** Whether the API server is told of webhooks: the embedded one, or that of a cluster which is given a URL. */
  get #installsWebhooks(): boolean {
    return this.options.kubeconfig === undefined || this.options.webhookUrl !== undefined;
  }

  async #startOperator(server: Server): Promise<Operator> {
    const { name } = this.application;
    const operator = await Operator.create({
      ...operatorOptions(this.application, this.options),
      connection: server.connection,
      logger: pino({ name, level: this.options.verbose ? 'debug' : 'warn' }, stderr()),
    });
    process.stderr.write(`${server.banner}\n`);
    try {
      if (this.options.crds) await operator.installKinds({ signal: this.signal });
      if (this.#installsWebhooks) await operator.installWebhooks({ signal: this.signal });
      await operator.start({ signal: this.signal });
      return operator;
    } catch (error) {
      await operator.stop();
      throw error;
    }
  }

  async #once(server: Server, operator: Operator, { namespaces }: AppliedManifests): Promise<void> {
    try {
      await settle(server, operator, this.options.timeoutMs, this.signal);
      process.stderr.write(`Settled after ${((performance.now() - this.#startedAtMs) / 1000).toFixed(1)} s\n`);
    } catch (error) {
      this.signal.throwIfAborted();
      fail(describeError(error, this.options.verbose));
    }
    const { output } = this.options;
    if (output !== 'table') {
      process.stdout.write(
        formatObjects(await readObjects(operator.client, operator.kinds, namespaces, this.signal), output),
      );
      return;
    }
    const lists = await Promise.all(
      operator.kinds.map(({ resource }) => operator.client.list(resource, { signal: this.signal })),
    );
    const rows = lists.flatMap(({ items }) => items.map(statusRow));
    const { isTTY = false, columns = 160 } = process.stdout;
    process.stdout.write(`${formatTable(rows, { color: isTTY && process.stdout.hasColors(), width: columns })}\n`);
  }

  async #live(server: Server, operator: Operator): Promise<void> {
    const view = new LiveView(operator.client, {
      kinds: operator.kinds,
      output: process.stdout,
      banner: `${server.banner}\nCtrl-C stops everything.`,
    });
    view.start();
    try {
      if (!this.signal.aborted) await once(this.signal, 'abort');
    } finally {
      await view.stop();
    }
  }
}

/** Waits until neither the embedded server's controllers nor the operator have anything left to do. */
async function settle({ embedded }: Server, operator: Operator, timeoutMs: number, signal: AbortSignal): Promise<void> {
  let reconciles: number;
  do {
    reconciles = operator.reconcileCount;
    await embedded?.settle({ timeoutMs, signal });
    await operator.settle({ timeoutMs, signal });
  } while (operator.reconcileCount !== reconciles || embedded?.isIdle === false);
}
