import { CelError } from '../cel-error.js';
import { aBool, anOpaque, aString, fn, method, TRAVERSAL, type Overload } from '../overload.js';
import { BOOL, INT, type CelType } from '../types.js';
import type { OpaqueValue } from '../values.js';

const SEMVER: CelType = { kind: 'opaque', name: 'kubernetes.Semver' };
const PATTERN =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** A version as semver.org 2.0.0 has it; build metadata does not count. */
class Semver implements OpaqueValue {
  readonly opaqueType = 'kubernetes.Semver';

  constructor(
    readonly numbers: readonly bigint[],
    readonly prerelease: readonly string[],
  ) {}

  equals(other: OpaqueValue): boolean {
    return other instanceof Semver && this.compare(other) === 0n;
  }

  /** Precedence by section 11 of the specification. */
  compare(other: Semver): bigint {
    for (const [position, number] of this.numbers.entries()) {
      const order = compareBigInts(number, other.numbers[position] ?? 0n);
      if (order !== 0n) {
        return order;
      }
    }
    return comparePrereleases(this.prerelease, other.prerelease);
  }
}

function comparePrereleases(a: readonly string[], b: readonly string[]): bigint {
  if (a.length === 0 || b.length === 0) {
    return compareBigInts(BigInt(b.length), BigInt(a.length));
  }
  for (const [position, identifier] of a.entries()) {
    const other = b[position];
    const order = other === undefined ? 1n : compareIdentifiers(identifier, other);
    if (order !== 0n) {
      return order;
    }
  }
  return a.length < b.length ? -1n : 0n;
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): bigint {
  const numeric = [a, b].map((identifier) => /^\d+$/.test(identifier));
  if (numeric[0] === true && numeric[1] === true) {
    return compareBigInts(BigInt(a), BigInt(b));
  }
  if (numeric[0] !== numeric[1]) {
    return numeric[0] === true ? -1n : 1n;
  }
  return a < b ? -1n : a > b ? 1n : 0n;
}

function compareBigInts(a: bigint, b: bigint): bigint {
  return a < b ? -1n : a > b ? 1n : 0n;
}

function parseSemver(text: string, normalize: boolean): Semver | undefined {
  const parts = PATTERN.exec(normalize ? normalized(text) : text);
  if (parts === null) {
    return undefined;
  }
  const [, major = '', minor = '', patch = '', prerelease] = parts;
  return new Semver([major, minor, patch].map(BigInt), prerelease === undefined ? [] : prerelease.split('.'));
}

/** Drops a leading v and leading zeros, and adds the numbers that are missing: `v1.02` is `1.2.0`. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([0-9.]*)(.*)$/s.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) {
    parts.push('0');
  }
  return parts.join('.') + rest;
}

function toSemver(text: string, normalize = false): Semver {
  const version = parseSemver(text, normalize);
  if (version === undefined) {
    throw new CelError(semverProblem(text));
  }
  return version;
}

function semverProblem(text: string): string {
  if (text === '') {
    return 'Version string empty';
  }
  return text.split('.').length < 3
    ? 'No Major.Minor.Patch elements found'
    : `Invalid character(s) found in version "${text}"`;
}

const aSemver = anOpaque(SEMVER, (value) => value instanceof Semver);

function numberAt(position: number): (version: Semver) => bigint {
  return ({ numbers }) => numbers[position] ?? 0n;
}

/** Kubernetes' semver library. */
export const semvers: readonly Overload[] = [
  fn('semver', [aString], SEMVER, (text) => toSemver(text), TRAVERSAL),
  fn('semver', [aString, aBool], SEMVER, toSemver, TRAVERSAL),
  fn('isSemver', [aString], BOOL, (text) => parseSemver(text, false) !== undefined, TRAVERSAL),
  fn('isSemver', [aString, aBool], BOOL, (text, normalize) => parseSemver(text, normalize) !== undefined, TRAVERSAL),
  method('isGreaterThan', [aSemver, aSemver], BOOL, (a, b) => a.compare(b) > 0n),
  method('isLessThan', [aSemver, aSemver], BOOL, (a, b) => a.compare(b) < 0n),
  method('compareTo', [aSemver, aSemver], INT, (a, b) => a.compare(b)),
  method('major', [aSemver], INT, numberAt(0)),
  method('minor', [aSemver], INT, numberAt(1)),
  method('patch', [aSemver], INT, numberAt(2)),
];
