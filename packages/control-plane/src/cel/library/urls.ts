import { hostnameOf, parseQuery, parseRequestUri, portOf, type ParsedUrl } from '../../schema/go-url.js';
import { CelError } from '../cel-error.js';
import { anOpaque, aString, fn, method, TRANSFORMATION, TRAVERSAL, type Overload } from '../overload.js';
import { BOOL, listOf, mapOf, STRING, type CelType } from '../types.js';
import { EntriesMap, ListValue, type OpaqueValue } from '../values.js';

const URL_TYPE: CelType = { kind: 'opaque', name: 'kubernetes.URL' };

class UrlValue implements OpaqueValue {
  readonly opaqueType = 'kubernetes.URL';

  constructor(
    readonly text: string,
    readonly parts: ParsedUrl,
  ) {}

  equals(other: OpaqueValue): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

const aUrl = anOpaque(URL_TYPE, (value) => value instanceof UrlValue);

function toUrl(text: string): UrlValue {
  const parts = parseRequestUri(text);
  if (parts === undefined) {
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  }
  return new UrlValue(text, parts);
}

function queryOf({ parts }: UrlValue): EntriesMap {
  return new EntriesMap([...parseQuery(parts.query)].map(([name, values]) => [name, new ListValue(values)]));
}

/** Kubernetes' URL library. */
export const urls: readonly Overload[] = [
  fn('url', [aString], URL_TYPE, toUrl, TRANSFORMATION),
  fn('isURL', [aString], BOOL, (text) => parseRequestUri(text) !== undefined, TRAVERSAL),
  method('getScheme', [aUrl], STRING, ({ parts }) => parts.scheme),
  method('getHost', [aUrl], STRING, ({ parts }) => parts.host),
  method('getHostname', [aUrl], STRING, ({ parts }) => hostnameOf(parts.host)),
  method('getPort', [aUrl], STRING, ({ parts }) => portOf(parts.host)),
  method('getEscapedPath', [aUrl], STRING, ({ parts }) => parts.escapedPath),
  method('getQuery', [aUrl], mapOf(STRING, listOf(STRING)), queryOf),
];
