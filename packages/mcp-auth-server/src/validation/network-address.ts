import { BlockList, isIP, isIPv4 } from 'node:net';

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addAddress('::', 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/**
 * True for a host that is this very machine by its name or number. Names are not resolved.
 * @param host - In lower case, without port and brackets.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8252#section-8.3 | RFC 8252, section 8.3}
 */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** True for a number, not a name, of an address that only means something within one network or machine. */
export function isPrivateAddress(host: string): boolean {
  return isIP(host) !== 0 && PRIVATE.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
}
