import { canonicalJson } from './canonical-json.js';

const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The hash of a config's spec, as its consumers compare it: FNV-1a 32 over the canonical JSON, in lower-case hexadecimal
 * without padding. Says whether something changed, nothing more; it is no protection against anybody.
 */
export function configHash(spec: unknown): string {
  let hash = FNV_OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(canonicalJson(spec ?? {}))) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return (hash >>> 0).toString(16);
}
