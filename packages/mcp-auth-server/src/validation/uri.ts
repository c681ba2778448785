/** The parts of a URI or relative reference. */
export interface Uri {
  /** In lower case; empty in a relative reference. */
  readonly scheme: string;
  /** Undefined when there is no `@`. */
  readonly userInfo: string | undefined;
  /** Host and port, as written; empty when the URI has none. */
  readonly authority: string;
  /** In lower case, without port and brackets. */
  readonly host: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

/** Why a text is not a URI, for whoever wrote it. */
export const MALFORMED = 'it has characters or escapes that no URI has, or a malformed scheme, host or port';

const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;
const AUTHORITY = /^(?:(.*)@)?((\[[0-9A-Fa-f:.%]+\]|[^[\]@:"<>\\^`{|}]*)(?::\d*)?)$/;

/**
 * Takes a URI or relative reference apart; undefined when the text is neither.
 *
 * Other than the `URL` of the platform, which reads as browsers do, it mends nothing: what is missing stays missing.
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#appendix-B | RFC 3986, appendix B}
 */
export function parseUri(text: string): Uri | undefined {
  if (/[\s\u0000-\u001F\u007F]|%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const [, scheme = '', place = '', path = '', query, fragment] = PARTS.exec(text) ?? [];
  const [isAuthority, userInfo, authority = '', host = ''] = AUTHORITY.exec(place) ?? [];
  if (isAuthority === undefined || !/^([A-Za-z][A-Za-z0-9+.-]*)?$/.test(scheme)) return undefined;
  return {
    scheme: scheme.toLowerCase(),
    userInfo,
    authority,
    host: host.toLowerCase().replace(/^\[(.*)\]$/, '$1'),
    path,
    query,
    fragment,
  };
}
