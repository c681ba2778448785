/** What `net/url` of Go finds in a URL. */
export interface ParsedUrl {
  readonly scheme: string;
  /** Host with port, IPv6 addresses in brackets. */
  readonly host: string;
  /** The path as it was escaped in the text. */
  readonly escapedPath: string;
  /** Everything behind `?`, still escaped. */
  readonly query: string;
}

/**
 * Parses an absolute URI or an absolute path as Go's `url.ParseRequestURI` does, which the API server uses for
 * `format: uri` and for CEL's `url()`. The URL class of the platform repairs what this must refuse.
 */
export function parseRequestUri(text: string): ParsedUrl | undefined {
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) {
    return undefined;
  }
  if (text === '*') {
    return { scheme: '', host: '', escapedPath: '*', query: '' };
  }
  const schemed = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(text);
  const scheme = schemed?.[1]?.toLowerCase() ?? '';
  const [beforeQuery = '', ...queries] = (schemed?.[2] ?? text).split('?');
  const query = queries.join('?');
  if (!beforeQuery.startsWith('/')) {
    // `mailto:x` is an opaque URL; without a scheme only a path can follow.
    return scheme === '' ? undefined : { scheme, host: '', escapedPath: '', query };
  }
  const authority = /^\/\/([^/]*)(.*)$/s.exec(beforeQuery);
  if (authority === null || scheme === '') {
    // Without a scheme it is a path, however many slashes it begins with.
    return validPath(beforeQuery) ? { scheme, host: '', escapedPath: beforeQuery, query } : undefined;
  }
  const host = hostOf(authority[1] ?? '');
  const path = authority[2] ?? '';
  return host === undefined || !validPath(path) ? undefined : { scheme, host, escapedPath: path, query };
}

/** The values of each name of a query, unescaped; pairs that cannot be unescaped or hold a `;` are left out. */
export function parseQuery(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) {
      continue;
    }
    const equals = pair.indexOf('=');
    const name = unescapeQuery(equals === -1 ? pair : pair.slice(0, equals));
    const value = unescapeQuery(equals === -1 ? '' : pair.slice(equals + 1));
    if (name !== undefined && value !== undefined) {
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  return values;
}

/** Host without port and brackets. */
export function hostnameOf(host: string): string {
  const bracketed = /^\[(.*)\]/.exec(host);
  return bracketed?.[1] ?? host.replace(/:\d*$/, '');
}

export function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? '';
}

function validPath(path: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(path);
}

function hostOf(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  if (at !== -1 && !/^(?:[A-Za-z0-9\-._:~!$&'()*+,;=%@])*$/.test(authority.slice(0, at))) {
    return undefined;
  }
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) {
    return /^\[[0-9a-fA-F:.]*(?:%25[^\]]+)?\](?::\d*)?$/.test(host) ? host : undefined;
  }
  const [, name = '', port = ''] = /^(.*?)(:[^:]*)?$/s.exec(host) ?? [];
  if (!/^(:\d*)?$/.test(port) || name.includes(':')) {
    return undefined;
  }
  // Hosts may carry percent-escapes of non-ASCII bytes only.
  if (!/^(?:[A-Za-z0-9\-._~!$&'()*+,;=<>"]|[^\x00-\x7f]|%[89a-fA-F][0-9a-fA-F])*$/.test(name)) {
    return undefined;
  }
  return name.includes('%') ? `${unescapeQuery(name.replaceAll('+', '%2B')) ?? ''}${port}` : host;
}

function unescapeQuery(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
