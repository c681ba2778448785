import type { KubeObject } from '../../object.js';
import { StatusError } from '../../status-error.js';
import { isNamespaceTerminating } from '../api-errors.js';
import { recordEvent } from '../record-event.js';
import { PODS } from '../resource-names.js';
import type { WorkloadContext } from './workload-context.js';

/**
 * Admission refused the pod of a workload: a quota, a limit, a missing service account, a policy. An event says so; the
 * workload is looked at again when what may have stood in the way has changed, and now and then.
 */
export class PodRefusedError extends Error {
  override readonly name = 'PodRefusedError';
}

/**
 * Makes a pod for a workload.
 *
 * @param describe - The text of the event when it is refused. Default: `Error creating: <why>`.
 * @throws {@link PodRefusedError}
 */
export async function makePod(
  { api, now }: WorkloadContext,
  owner: Readonly<KubeObject>,
  pod: KubeObject,
  describe = (why: string): string => `Error creating: ${why}`,
): Promise<void> {
  try {
    await api.create(PODS, pod);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const reporter = { name: `${owner.kind.toLowerCase()}-controller`, api, now };
    await recordEvent(reporter, owner, { type: 'Warning', reason: 'FailedCreate', message: describe(error.message) });
    throw new PodRefusedError(error.message, { cause: error });
  }
}

function isRefusal(error: unknown): error is StatusError {
  return error instanceof StatusError && [403, 422].includes(error.code) && !isNamespaceTerminating(error);
}
