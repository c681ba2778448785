import type { VirtualMCPServer } from '../resource.js';

export type ReportedBackends = NonNullable<NonNullable<VirtualMCPServer['status']>['discoveredBackends']>;

/** Calls get through to these; to the second kind only those of users who are signed in to it. */
const ROUTABLE: readonly (string | undefined)[] = ['ready', 'unauthenticated'];

/** How many of the backends that the running server has reported can be called. */
export function countRoutable(backends: ReportedBackends): number {
  return backends.filter(({ status }) => ROUTABLE.includes(status)).length;
}
