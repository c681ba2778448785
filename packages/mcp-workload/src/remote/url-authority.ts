/** Scheme and host of a URL, as the proxy's own parser takes them apart; `problem` for what that parser refuses. */
export type UrlParts = { readonly scheme: string; readonly host: string } | { readonly problem: string };

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/;
/** What may stand in a host as it is; anything else in ASCII must be escaped (RFC 3986, section 3.2.2, and what Go adds). */
const HOST_CHARACTER = /[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%]/;
const USER_INFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const PORT = /^(:\d*)?$/;

/**
 * Takes a URL apart.
 *
 * `URL` follows browsers: it strips blanks, reads `\` as `/`, finds hosts where the proxy, which is written in Go, finds none, and
 * turns `2130706433` into an address. A check must see what the proxy sees.
 *
 * @see {@link https://pkg.go.dev/net/url#Parse | net/url.Parse}
 */
export function urlParts(url: string): UrlParts {
  if (/[\0-\x1f\x7f]/.test(url)) return refused(url, 'net/url: invalid control character in URL');
  const [beforeFragment = ''] = url.split('#', 1);
  if (beforeFragment.startsWith(':')) return refused(url, 'missing protocol scheme');
  const scheme = SCHEME.exec(beforeFragment)?.[0] ?? '';
  const [rest = ''] = beforeFragment.slice(scheme === '' ? 0 : scheme.length + 1).split('?', 1);
  if (!rest.startsWith('//')) {
    // `https:example.com` has no host, only something opaque.
    return scheme !== '' && !rest.startsWith('/') ? { scheme: scheme.toLowerCase(), host: '' } : checked('', rest);
  }
  const [authority = ''] = rest.slice(2).split('/', 1);
  return checked(authority, rest.slice(2 + authority.length));

  function checked(userAndHost: string, path: string): UrlParts {
    const problem = authorityProblem(userAndHost) ?? escapeProblem(path) ?? escapeProblem(url.split('#')[1] ?? '');
    if (problem !== undefined) return refused(url, problem);
    return { scheme: scheme.toLowerCase(), host: hostName(userAndHost) };
  }
}

const refused = (url: string, cause: string): UrlParts => ({ problem: `parse ${JSON.stringify(url)}: ${cause}` });

function authorityProblem(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const userInfo = authority.slice(0, Math.max(at, 0));
  return hostProblem(host) ?? (USER_INFO.test(userInfo) ? escapeProblem(userInfo) : 'net/url: invalid userinfo');
}

function hostProblem(host: string): string | undefined {
  const isLiteral = host.startsWith('[');
  const end = host.lastIndexOf(']');
  if (isLiteral && end < 0) return "missing ']' in host";
  const colon = isLiteral ? end + 1 : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!PORT.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  // Only bytes beyond ASCII may be escaped in a host, and the % before the zone of an IPv6 address.
  const escape = /%(?!25|[89A-Fa-f][0-9A-Fa-f]).{0,2}/s.exec(host)?.[0];
  if (escape !== undefined) return `invalid URL escape ${JSON.stringify(escape)}`;
  const wrong = [...host].find((character) => character < '\x80' && !HOST_CHARACTER.test(character));
  return wrong === undefined ? undefined : `invalid character ${JSON.stringify(wrong)} in host name`;
}

function escapeProblem(text: string): string | undefined {
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)?.[0];
  return escape === undefined ? undefined : `invalid URL escape ${JSON.stringify(escape)}`;
}

/** The host without user, port and brackets, and without escapes. */
function hostName(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const bare = host.startsWith('[') ? host.slice(1, host.lastIndexOf(']')) : host.replace(/:\d*$/, '');
  return bare.replace(/(%[89a-f][0-9a-f])+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}
