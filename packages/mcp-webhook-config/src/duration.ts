const SECOND = 1_000_000_000n;
const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3_600n * SECOND,
};
const LARGEST = 2n ** 63n - 1n;

/**
 * The nanoseconds of a Go duration, `5s` or `1m30.5s`; undefined for what is none.
 * @see {@link https://pkg.go.dev/time#ParseDuration | time.ParseDuration}
 */
export function parseDuration(text: string): bigint | undefined {
  if (/^[+-]?0$/.test(text)) return 0n;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  }
  if (total > LARGEST) return undefined;
  return text.startsWith('-') ? -total : total;
}

/**
 * A duration of at least a second as Go writes it: `45s`, `1m0s`, `30.5s`.
 * @see {@link https://pkg.go.dev/time#Duration.String | time.Duration.String}
 */
export function formatDuration(nanoseconds: bigint): string {
  const minutes = nanoseconds / (60n * SECOND);
  const rest = nanoseconds % (60n * SECOND);
  const fraction = String(rest % SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const seconds = `${rest / SECOND}${fraction && `.${fraction}`}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}
