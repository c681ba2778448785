import { quote } from '../../schema/field-error.js';
import {
  formatIp,
  isIpv4Mapped,
  maskAddress,
  parseCidr,
  parseIp,
  type Cidr,
  type IpAddress,
} from '../../schema/ip-address.js';
import { CelError } from '../cel-error.js';
import { anOpaque, aString, fn, method, TRAVERSAL, type Growth, type Overload } from '../overload.js';
import { BOOL, INT, STRING, type CelType } from '../types.js';
import type { OpaqueValue } from '../values.js';

const IP: CelType = { kind: 'opaque', name: 'net.IP' };
const CIDR: CelType = { kind: 'opaque', name: 'net.CIDR' };

class IpValue implements OpaqueValue {
  readonly opaqueType = 'net.IP';

  constructor(readonly address: IpAddress) {}

  equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && formatIp(other.address) === formatIp(this.address);
  }
}

class CidrValue implements OpaqueValue {
  readonly opaqueType = 'net.CIDR';

  constructor(readonly cidr: Cidr) {}

  get text(): string {
    return `${formatIp(this.cidr.address)}/${this.cidr.prefixLength}`;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof CidrValue && other.text === this.text;
  }

  containsAddress(address: IpAddress): boolean {
    const { address: network, prefixLength } = this.cidr;
    return (
      network.bytes.length === address.bytes.length &&
      formatIp(maskAddress(network, prefixLength)) === formatIp(maskAddress(address, prefixLength))
    );
  }

  contains({ cidr }: CidrValue): boolean {
    return cidr.prefixLength >= this.cidr.prefixLength && this.containsAddress(cidr.address);
  }
}

/** An address as rules may write it: no zone, no IPv4 within IPv6, no leading zeros. */
function readIp(text: string): IpValue | undefined {
  const address = parseIp(text);
  return address === undefined || isIpv4Mapped(address) ? undefined : new IpValue(address);
}

function toIp(text: string): IpValue {
  const ip = readIp(text);
  if (ip === undefined) {
    throw new CelError(
      `IP Address ${quote(text)} parse error during conversion from string: ParseAddr(${quote(text)}): unable to parse IP`,
    );
  }
  return ip;
}

function readCidr(text: string): CidrValue | undefined {
  const cidr = parseCidr(text);
  return cidr === undefined || isIpv4Mapped(cidr.address) ? undefined : new CidrValue(cidr);
}

function toCidr(text: string): CidrValue {
  const cidr = readCidr(text);
  if (cidr === undefined) {
    throw new CelError(
      `network address parse error during conversion from string: netip.ParsePrefix(${quote(text)}): no '/'`,
    );
  }
  return cidr;
}

function inNetwork(...networks: readonly string[]): (ip: IpValue) => boolean {
  const parsed = networks.map(toCidr);
  return (ip) => parsed.some((network) => network.containsAddress(ip.address));
}

const isUnspecified = inNetwork('0.0.0.0/32', '::/128');
const isLoopback = inNetwork('127.0.0.0/8', '::1/128');
const isLinkLocalMulticast = inNetwork('224.0.0.0/24', 'ff02::/16');
const isLinkLocalUnicast = inNetwork('169.254.0.0/16', 'fe80::/10');
const isMulticast = inNetwork('224.0.0.0/4', 'ff00::/8');
const isBroadcast = inNetwork('255.255.255.255/32');

function isGlobalUnicast(ip: IpValue): boolean {
  return ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast, isBroadcast].some((isSpecial) => isSpecial(ip));
}

const anIp = anOpaque(IP, (value) => value instanceof IpValue);
const aCidr = anOpaque(CIDR, (value) => value instanceof CidrValue);
const containment: Growth = { cost: ([, other = 0]) => 4 + 0.1 * other };

/** Kubernetes' libraries for IP addresses and networks. */
export const networks: readonly Overload[] = [
  fn('ip', [aString], IP, toIp, TRAVERSAL),
  fn('isIP', [aString], BOOL, (text) => readIp(text) !== undefined, TRAVERSAL),
  fn('ip.isCanonical', [aString], BOOL, (text) => formatIp(toIp(text).address) === text, TRAVERSAL),
  fn('string', [anIp], STRING, ({ address }) => formatIp(address)),
  method('family', [anIp], INT, ({ address }) => (address.bytes.length === 4 ? 4n : 6n)),
  method('isUnspecified', [anIp], BOOL, isUnspecified),
  method('isLoopback', [anIp], BOOL, isLoopback),
  method('isLinkLocalMulticast', [anIp], BOOL, isLinkLocalMulticast),
  method('isLinkLocalUnicast', [anIp], BOOL, isLinkLocalUnicast),
  method('isGlobalUnicast', [anIp], BOOL, isGlobalUnicast),

  fn('cidr', [aString], CIDR, toCidr, TRAVERSAL),
  fn('isCIDR', [aString], BOOL, (text) => readCidr(text) !== undefined, TRAVERSAL),
  fn('string', [aCidr], STRING, (cidr) => cidr.text),
  method('containsIP', [aCidr, anIp], BOOL, (cidr, ip) => cidr.containsAddress(ip.address), containment),
  method('containsIP', [aCidr, aString], BOOL, (cidr, text) => cidr.containsAddress(toIp(text).address), containment),
  method('containsCIDR', [aCidr, aCidr], BOOL, (cidr, other) => cidr.contains(other), containment),
  method('containsCIDR', [aCidr, aString], BOOL, (cidr, text) => cidr.contains(toCidr(text)), containment),
  method('ip', [aCidr], IP, ({ cidr }) => new IpValue(cidr.address)),
  method('prefixLength', [aCidr], INT, ({ cidr }) => BigInt(cidr.prefixLength)),
  method(
    'masked',
    [aCidr],
    CIDR,
    ({ cidr: { address, prefixLength } }) =>
      new CidrValue({ address: maskAddress(address, prefixLength), prefixLength }),
  ),
];
