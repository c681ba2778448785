import { randomInt } from 'node:crypto';

/**
 * Cluster IPs (10.96.0.0/12) and node ports (30000–32767) that look as on a real cluster. Taken at random: over a
 * million addresses two Services of a test cluster do not meet, and nothing routes by them.
 */

const SERVICE_NETWORK = (10 << 24) | (96 << 16);
const RESERVED = 256;

/** The address of the Service `default/kubernetes`, the first of the network. */
export const KUBERNETES_SERVICE_IP = '10.96.0.1';

export function randomClusterIP(): string {
  const address = SERVICE_NETWORK + randomInt(RESERVED, 2 ** 20 - RESERVED);
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

export function randomNodePort(): number {
  return randomInt(30000, 32768);
}
