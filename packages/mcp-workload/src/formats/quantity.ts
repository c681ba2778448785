const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
/** Smaller than this is rounded up, larger than 2^63-1 is cut. */
const NANO = 10n ** 9n;
const LARGEST = (2n ** 63n - 1n) * NANO;

/** A text that is not a Kubernetes quantity. The message is the API server's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/**
 * Puts a quantity into the one form the API server stores: `1000m` becomes `1`, `0.5Gi` becomes `512Mi`.
 *
 * What is compared with a live object, or hashed, must have this form.
 *
 * @throws {@link QuantityError} for a text that is not a quantity.
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ | Quantity}
 */
export function canonicalQuantity(text: string): string {
  const { nanos, format } = parse(text.trim());
  if (nanos === 0n) return '0';
  const isWhole = nanos % NANO === 0n;
  const isSmall = nanos > -1024n * NANO && nanos < 1024n * NANO;
  if (format === 'binary' && isWhole && !isSmall) return binary(nanos / NANO);
  return format === 'exponent' ? exponent(nanos) : decimal(nanos);
}

function parse(text: string): { readonly nanos: bigint; readonly format: 'binary' | 'decimal' | 'exponent' } {
  const match = /^([+-]?)(\d*)(\.?)(\d*)([eEinumkKMGTP]*)([+-]?\d*)$/.exec(text);
  if (match === null || text === '') {
    throw new QuantityError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  const [, sign = '', whole = '', , fraction = '', unit = '', power = ''] = match;
  const scale = scaleOf(unit, power);
  if (scale === undefined) throw new QuantityError("unable to parse quantity's suffix");
  if (whole === '' && fraction === '') throw new QuantityError('unable to parse numeric part of quantity');

  const digits = BigInt(`${whole}${fraction}`) * scale.factor;
  const shift = scale.tens + 9 - fraction.length;
  const nanos = shift >= 0 ? digits * 10n ** BigInt(Math.min(shift, 60)) : divideUp(digits, 10n ** BigInt(-shift));
  const capped = nanos > LARGEST ? LARGEST : nanos;
  return { nanos: sign === '-' ? -capped : capped, format: scale.format };
}

function scaleOf(unit: string, power: string) {
  if (power === '') {
    const binaryIndex = BINARY.findIndex((suffix) => suffix === unit);
    if (binaryIndex >= 0) return { factor: 1024n ** BigInt(binaryIndex + 1), tens: 0, format: 'binary' } as const;
    const decimalIndex = DECIMAL.findIndex((suffix) => suffix === unit);
    if (decimalIndex >= 0) return { factor: 1n, tens: (decimalIndex - 3) * 3, format: 'decimal' } as const;
    return undefined;
  }
  if ((unit !== 'e' && unit !== 'E') || !/\d/.test(power) || Math.abs(Number(power)) > 1_000) return undefined;
  return { factor: 1n, tens: Number(power), format: 'exponent' } as const;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function binary(value: bigint): string {
  let rest = value;
  let index = -1;
  while (rest % 1024n === 0n && index < BINARY.length - 1) {
    rest /= 1024n;
    index += 1;
  }
  return `${rest}${BINARY[index] ?? ''}`;
}

function decimal(nanos: bigint): string {
  const { digits, thousands } = inThousands(nanos);
  return `${digits}${DECIMAL[thousands] ?? ''}`;
}

function exponent(nanos: bigint): string {
  const { digits, thousands } = inThousands(nanos);
  return thousands === 3 ? `${digits}` : `${digits}e${(thousands - 3) * 3}`;
}

/** As few digits as possible, times a power of a thousand; the power counts from nano. */
function inThousands(nanos: bigint): { readonly digits: bigint; readonly thousands: number } {
  let digits = nanos;
  let thousands = 0;
  while (digits % 1000n === 0n && thousands < DECIMAL.length - 1) {
    digits /= 1000n;
    thousands += 1;
  }
  return { digits, thousands };
}
