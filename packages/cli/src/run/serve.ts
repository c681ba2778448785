import { once } from 'node:events';
import { Operator } from '@trueup/core';
import { pino, type DestinationStream } from 'pino';
import type { OperatorApplication } from '../application.js';
import { operatorOptions } from './operator-options.js';
import type { RunOptions } from './run-options.js';
import { textLog } from './text-log.js';
import { watchedNamespaces } from './watched-namespaces.js';

/** How long running reconciles may go on once the pod is to end. */
const GRACE_MS = 25_000;
/** When the process ends, whatever hangs; sooner than the kubelet would kill it. */
const EXIT_AFTER_MS = 30_000;

/**
 * Runs an operator as a pod does, until the signal aborts: on the cluster that `KUBECONFIG` or the pod's service account
 * leads to, in the namespaces of `WATCH_NAMESPACE`. The kinds are there already. Logs are one JSON object a line, or text with
 * `UNSTRUCTURED_LOGS=true`.
 *
 * @throws when it does not start, or has lost its lease.
 */
export async function serve(
  application: OperatorApplication,
  options: RunOptions,
  { signal, logs }: { readonly signal: AbortSignal; readonly logs: DestinationStream },
): Promise<void> {
  const { WATCH_NAMESPACE, UNSTRUCTURED_LOGS } = process.env;
  const destination = UNSTRUCTURED_LOGS === 'true' ? textLog(logs) : logs;
  const logger = pino({ name: application.name, level: options.verbose ? 'debug' : 'info' }, destination);
  const namespaces = watchedNamespaces(WATCH_NAMESPACE);
  const operator = await Operator.create({ ...operatorOptions(application, options, namespaces), logger });
  try {
    await operator.start({ signal });
    logger.info({ metrics: operator.metricsUrl, health: operator.healthUrl }, 'serving');
    await Promise.race([operator.ended, untilAborted(signal)]);
  } finally {
    if (signal.aborted) logger.info({ graceMs: GRACE_MS }, 'stopping; a second signal ends the process at once');
    const exit = setTimeout(() => process.exit(1), EXIT_AFTER_MS).unref();
    await operator.stop({ graceMs: signal.aborted ? GRACE_MS : 0 });
    clearTimeout(exit);
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
