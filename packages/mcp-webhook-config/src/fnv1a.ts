/**
 * FNV-1a with 32 bits over the UTF-8 bytes of a text, in lower-case hexadecimal without padding.
 * @see {@link https://datatracker.ietf.org/doc/html/draft-eastlake-fnv | The FNV non-cryptographic hash algorithm}
 */
export function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}
