import { RecentCache } from '../recent-cache.js';
import { StatusError } from '../status-error.js';

export const JSON_TYPE = 'application/json';
export const YAML_TYPE = 'application/yaml';
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** The form in which a reply is wanted, apart from its encoding. */
export type Form = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  readonly encoding: 'json' | 'yaml';
  readonly form: Form;
  /** Of a form that is not the object itself: `v1` or `v1beta1`. */
  readonly formVersion: string;
  readonly pretty: boolean;
}

interface Clause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const MEDIA_TYPES = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE];
const STREAM_TYPES = [`${JSON_TYPE};stream=watch`, `${PROTOBUF_TYPE};stream=watch`];

/**
 * Picks what to reply with from an Accept header: the first clause, by quality, that the server can serve.
 *
 * @param custom - Custom kinds also serve `application/*`; built-in kinds refuse in other words.
 * @throws {@link StatusError} 406
 */
export function negotiate(
  accept: string | undefined,
  { custom, watch, pretty }: { custom: boolean; watch: boolean; pretty: boolean },
): Accepted {
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return { encoding: 'json', form: 'object', formVersion: 'v1', pretty };
  for (const { type, parameters } of clauses) {
    const encoding = encodingOf(type, custom);
    if (encoding === undefined) continue;
    const form = formOf(parameters);
    if (form === undefined) continue;
    if (watch && encoding === 'yaml') throw notAcceptable(STREAM_TYPES);
    return { encoding, form, formVersion: parameters['v'] ?? 'v1', pretty };
  }
  const knowsOne = clauses.some(({ type }) => MEDIA_TYPES.includes(type) || type === '*/*');
  if (!custom && !knowsOne) throw routerRefusal();
  throw notAcceptable(watch ? STREAM_TYPES : MEDIA_TYPES);
}

/** Whether JSON is among what a client takes. */
export function acceptsJson(accept: string | undefined): boolean {
  const clauses = parseAccept(accept);
  return clauses.length === 0 || clauses.some(({ type }) => [JSON_TYPE, 'application/*', '*/*'].includes(type));
}

/** The encoding for an error: what was asked for if that can be, else JSON. */
export function errorEncoding(accept: string | undefined): 'json' | 'yaml' {
  for (const { type } of parseAccept(accept)) {
    if (type === YAML_TYPE) return 'yaml';
    if (type === JSON_TYPE || type === '*/*' || type === 'application/*') return 'json';
  }
  return 'json';
}

/** Whether one clause asks for aggregated discovery; kubectl sends that first and plain JSON after it. */
export function wantsAggregatedDiscovery(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== JSON_TYPE) continue;
    if (parameters['as'] === undefined) return undefined;
    if (parameters['as'] !== 'APIGroupDiscoveryList' || parameters['g'] !== 'apidiscovery.k8s.io') continue;
    if (parameters['v'] === 'v2') return 'v2';
  }
  return undefined;
}

/** The media type of a header value, without its parameters. */
export function mediaType(header: string | undefined): string | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}

export function notAcceptable(types: readonly string[]): StatusError {
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);
}

export function unsupportedMediaType(types: readonly string[] = MEDIA_TYPES): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  );
}

function routerRefusal(): StatusError {
  return new StatusError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${[...MEDIA_TYPES, ...STREAM_TYPES].join(', ')}`,
    {},
  );
}

function encodingOf(type: string, custom: boolean): Accepted['encoding'] | undefined {
  if (type === JSON_TYPE || type === '*/*') return 'json';
  if (type === 'application/*') return custom ? 'json' : undefined;
  return type === YAML_TYPE ? 'yaml' : undefined;
}

function formOf({ as, g, v }: Readonly<Record<string, string>>): Form | undefined {
  if (as === undefined) return 'object';
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  return as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? as : undefined;
}

/** Clients send the same few headers. */
const parsed = new RecentCache<string, readonly Clause[]>(64);
const LONGEST_KEPT = 512;

function parseAccept(header = ''): readonly Clause[] {
  let clauses = parsed.get(header);
  if (clauses === undefined) {
    clauses = readAccept(header);
    if (header.length <= LONGEST_KEPT) parsed.set(header, clauses);
  }
  return clauses;
}

function readAccept(header: string): readonly Clause[] {
  const clauses = header
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [type = '', ...rest] = text.split(';').map((part) => part.trim());
      const parameters = Object.fromEntries(
        rest.map((part): [string, string] => {
          const equals = part.indexOf('=');
          return equals < 0 ? [part, ''] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
        }),
      );
      return { type: type.toLowerCase(), parameters, quality: Number(parameters['q'] ?? 1) };
    });
  return clauses.sort((left, right) => right.quality - left.quality);
}
