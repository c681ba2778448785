const NANOS_PER_UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Parses a duration as Go's `time.ParseDuration` does: `1h30m`, `-1.5s`, `0`.
 *
 * @returns Nanoseconds, or undefined when the text is no duration or too long for 64 bits.
 */
export function parseGoDuration(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const body = text.slice(sign.length);
  if (body === '0') {
    return 0n;
  }
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) {
    return undefined;
  }
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const scale = NANOS_PER_UNIT[unit] ?? 0n;
    nanos += BigInt(whole || '0') * scale;
    if (fraction !== '') {
      nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    }
  }
  if (nanos > MAX_INT64) {
    return undefined;
  }
  return sign === '-' ? -nanos : nanos;
}
