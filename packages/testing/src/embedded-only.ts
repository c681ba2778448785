import { it } from '@jest/globals';

/**
 * A test of what only the embedded server can be made to do: to fail, to have pods that crash. It is skipped where a
 * harness uses another server.
 */
export const embeddedOnly: typeof it.skip = process.env['KUBECONFIG'] ? it.skip : it;
