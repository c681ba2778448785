import { isIPv4, isIPv6 } from 'node:net';

/** An IP address as its bytes: 4 of them, or 16. */
export interface IpAddress {
  readonly bytes: readonly number[];
}

/** A network: its address with the host bits kept as written, and the length of its prefix. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Parses an IPv4 or IPv6 address. Zones (`fe80::1%eth0`) are not accepted. */
export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(text)) {
    return { bytes: text.split('.').map(Number) };
  }
  return !text.includes('%') && isIPv6(text) ? { bytes: ipv6Bytes(text) } : undefined;
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = slash === -1 ? undefined : parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(length)) {
    return undefined;
  }
  const prefixLength = Number(length);
  return prefixLength <= address.bytes.length * 8 ? { address, prefixLength } : undefined;
}

/** True for IPv4 and for IPv6 addresses that embed one, `::ffff:1.2.3.4`. */
export function isIpv4Mapped({ bytes }: IpAddress): boolean {
  return (
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  );
}

/** The address with every bit behind the prefix set to zero. */
export function maskAddress({ bytes }: IpAddress, prefixLength: number): IpAddress {
  return {
    bytes: bytes.map((byte, position) => {
      const kept = Math.min(8, Math.max(0, prefixLength - position * 8));
      return byte & (0xff00 >> kept) & 0xff;
    }),
  };
}

/** The canonical text (RFC 5952 for IPv6). */
export function formatIp(address: IpAddress): string {
  const { bytes } = address;
  if (bytes.length === 4) {
    return bytes.join('.');
  }
  if (isIpv4Mapped(address)) {
    return `::ffff:${bytes.slice(12).join('.')}`;
  }
  const groups = Array.from({ length: 8 }, (_, position) =>
    (((bytes[position * 2] ?? 0) << 8) | (bytes[position * 2 + 1] ?? 0)).toString(16),
  );
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) {
    return groups.join(':');
  }
  return `${groups.slice(0, zeros.start).join(':')}::${groups.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, position) => {
    if (group !== '0') {
      start = position + 1;
    } else if (position + 1 - start > best.length) {
      best = { start, length: position + 1 - start };
    }
  });
  return best;
}

function ipv6Bytes(text: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const [a = 0, b = 0, c = 0, d = 0] = (dotted[2] ?? '').split('.').map(Number);
    const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    return ipv6Bytes(`${dotted[1] ?? ''}${groups}`);
  }
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].flatMap((group) => {
    const bits = parseInt(group, 16);
    return [bits >> 8, bits & 0xff];
  });
}
