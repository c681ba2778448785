import { findCondition, type Context, type StatedVerdict } from '@trueup/core';
import type { VirtualMCPServer } from './resource.js';

/** Emits a warning for a False verdict that the status does not show yet, for conditions whose events differ by reason. */
export function tellVerdict(
  server: VirtualMCPServer,
  type: string,
  { status, message }: StatedVerdict,
  event: { readonly reason: string; readonly action: string; readonly note: string },
  ctx: Pick<Context, 'event'>,
): void {
  const before = findCondition(server.status?.conditions, type);
  if (status !== 'False' || (before?.status === status && before.message === message)) return;
  ctx.event({ type: 'Warning', ...event });
}
