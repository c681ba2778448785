import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { urlParts } from './url-authority.js';

interface BlockedRange {
  readonly cidr: string;
  readonly addresses: BlockList;
}

/** Addresses of the node and its neighbours, cloud metadata among them. In the order in which they are named to users. */
const ALWAYS_BLOCKED_RANGES = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/128', '::1/128', 'fe80::/10'].map(
  range,
);
/** Private networks (RFC 1918) and unique local addresses (RFC 4193). */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map(range);

const ALWAYS_BLOCKED_NAMES = [
  'localhost',
  'kubernetes.default.svc.cluster.local',
  'kubernetes.default.svc',
  'kubernetes.default',
  'metadata.google.internal',
];
const PRIVATE_NAMES = ['cluster.local'];

/**
 * Says why a proxy must not be pointed at a URL; undefined when it may be. Remote servers are outside: nobody may use a proxy to
 * reach the cluster's own API, a node's metadata or, unless that is allowed, private networks.
 *
 * Names are not resolved: one that leads to a blocked address, now or later (DNS rebinding), passes.
 */
export function remoteUrlProblem(
  url: string | undefined,
  { allowPrivateEndpoint = false }: { readonly allowPrivateEndpoint?: boolean | undefined } = {},
): string | undefined {
  if (url === undefined || url === '') return 'remote URL must not be empty';
  const parts = urlParts(url);
  if ('problem' in parts) return `remote URL is invalid: ${parts.problem}`;
  const { scheme, host } = parts;
  if (scheme !== 'http' && scheme !== 'https') {
    return `remote URL must use http or https scheme, got ${JSON.stringify(scheme)}`;
  }
  if (host === '') return 'remote URL must have a valid host';
  const problem = hostProblem(host, allowPrivateEndpoint);
  return problem && `remote URL host is not allowed: ${problem}`;
}

function hostProblem(host: string, allowPrivate: boolean): string | undefined {
  // A dot at the end says that a name is complete; it is the same name.
  const bare = asResolved(host).replace(/\.$/, '');
  if (isIP(bare) !== 0) return addressProblem(host, bare, allowPrivate);
  if (endsInNumber(bare))
    return `${JSON.stringify(host)} is a number, not a hostname; write the IP address in its usual form`;
  return nameProblem(host, bare.toLowerCase(), allowPrivate);
}

function addressProblem(host: string, address: string, allowPrivate: boolean): string | undefined {
  const blocked = allowPrivate ? ALWAYS_BLOCKED_RANGES : [...ALWAYS_BLOCKED_RANGES, ...PRIVATE_RANGES];
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const found = blocked.find(({ addresses }) => addresses.check(address, family));
  return found && `IP address ${host} falls within blocked range ${found.cidr}`;
}

function nameProblem(host: string, name: string, allowPrivate: boolean): string | undefined {
  const blocked = allowPrivate ? ALWAYS_BLOCKED_NAMES : [...ALWAYS_BLOCKED_NAMES, ...PRIVATE_NAMES];
  const found = blocked.find((entry) => name === entry || name.endsWith(`.${entry}`));
  return found && `hostname ${JSON.stringify(host)} matches blocked internal hostname ${JSON.stringify(found)}`;
}

/** The host as it is looked up: without the zone of an address, and in ASCII, where `１２７.0.0.1` is an address, too. */
function asResolved(host: string): string {
  const ascii = /^[\0-\x7f]*$/;
  if (ascii.test(host)) return host.replace(/%.*$/s, '');
  return domainToASCII(host) || host;
}

/**
 * True for `2130706433`, `0x7f.1` and the like, which some resolvers take for addresses.
 * @see {@link https://url.spec.whatwg.org/#ends-in-a-number-checker | URL Standard, ends in a number}
 */
function endsInNumber(name: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)$/i.test(name);
}

function range(cidr: string): BlockedRange {
  const [network = '', prefix] = cidr.split('/');
  const addresses = new BlockList();
  addresses.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  return { cidr, addresses };
}
