/**
 * The few ASN.1 types that a certificate is made of, in DER.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5280#section-4 | RFC 5280, section 4}
 */

export function sequence(...items: Uint8Array[]): Buffer {
  return element(0x30, ...items);
}

export function set(...items: Uint8Array[]): Buffer {
  return element(0x31, ...items);
}

/** A non-negative integer, big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  // A first bit that is set would make it negative.
  return (bytes[0] ?? 0) & 0x80 ? element(0x02, Buffer.of(0), bytes) : element(0x02, bytes);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.of(value ? 0xff : 0));
}

/** @param unusedBits - How many bits of the last byte do not count. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.of(unusedBits), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return element(0x04, bytes);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

/** A moment before 2050, to the second. */
export function utcTime(moment: Date): Buffer {
  const digits = moment.toISOString().replace(/\D/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

/** An object identifier in dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A value under a tag of the context: `[0]`, `[3]`. */
export function tagged(tag: number, value: Uint8Array, options: { constructed: boolean }): Buffer {
  return element(0x80 | (options.constructed ? 0x20 : 0) | tag, value);
}

function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
