/** Whether http may be used instead of https: it may, it may where the author asks for it, it may not at all. */
export type HttpPolicy = 'allowed' | 'opt-in' | 'refused';

const INSTEAD_OF_HTTP = {
  'opt-in': 'use HTTPS or set insecureAllowHTTP: true for development only',
  refused: 'use HTTPS',
} as const;

/** What is wrong with the URL of an issuer; an empty one is none. */
export function issuerProblem(url: string, http: HttpPolicy): string | undefined {
  if (url === '') return undefined;
  const subject = `OIDC issuer URL ${JSON.stringify(url)}`;
  const parts = urlParts(url);
  if (parts === undefined) return `${subject} is malformed: ${unparsable(url)}`;
  if (parts.scheme === '' || parts.host === '') return `${subject} is malformed: missing scheme or host`;
  return schemeProblem(subject, parts.scheme, http);
}

/** What is wrong with the URL of an endpoint, which is called by `label` in messages; an empty one is none. */
export function endpointProblem(label: string, url: string, http: HttpPolicy): string | undefined {
  if (url === '') return undefined;
  const parts = urlParts(url);
  if (parts === undefined) return `${label} is invalid: ${unparsable(url)}`;
  const problem = schemeProblem(`${label} ${JSON.stringify(url)}`, parts.scheme, http);
  return problem ?? (parts.host === '' ? `${label} must have a valid host` : undefined);
}

function schemeProblem(subject: string, scheme: string, http: HttpPolicy): string | undefined {
  if (scheme === 'https' || (scheme === 'http' && http === 'allowed')) return undefined;
  if (scheme === 'http' && http !== 'allowed') {
    return `${subject} uses HTTP scheme, which is insecure; ${INSTEAD_OF_HTTP[http]}`;
  }
  return `${subject} has unsupported scheme ${JSON.stringify(scheme)}; must be http or https`;
}

const unparsable = (url: string) => `parse ${JSON.stringify(url)}: invalid character, host or port`;

/**
 * Scheme and host of a URL, each empty where it has none; undefined for what is no URL.
 *
 * `URL` alone is too lenient: it strips blanks and finds a host in `https:example.com`, where proxies find none.
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#appendix-B | RFC 3986, appendix B}
 */
function urlParts(text: string): { readonly scheme: string; readonly host: string } | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return undefined;
  const [, scheme = '', authority = ''] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#\\]*))?/i.exec(text) ?? [];
  const host = authority.replace(/^.*@/, '').replace(/:\d*$/, '');
  if (scheme !== '' && host !== '' && !URL.canParse(text)) return undefined;
  return { scheme: scheme.toLowerCase(), host };
}
