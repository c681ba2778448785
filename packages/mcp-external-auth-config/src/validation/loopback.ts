import { isIPv4 } from 'node:net';

/** The URL that a text is; undefined when it is none. */
export function parsedUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * True for a host that is this very machine by its name or number; names are not resolved.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8252#section-8.3 | RFC 8252, section 8.3}
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}
