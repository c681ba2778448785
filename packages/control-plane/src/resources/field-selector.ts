import type { KubeObject } from '../object.js';
import { badRequest } from './errors.js';
import type { Resource } from './resource.js';

export interface FieldSelector {
  matches(object: Readonly<KubeObject>): boolean;
  /** The name that the selector demands, which narrows a list to one object at most. */
  readonly name?: string;
}

interface Term {
  readonly field: string;
  readonly value: string;
  readonly equal: boolean;
}

/**
 * Parses a field selector of a resource: `field=value`, `==` and `!=`, joined by commas; `\\` escapes in values.
 *
 * @throws {@link StatusError} 400 for text that is none, and for fields that the resource does not offer.
 */
export function parseFieldSelector(text: string, resource: Resource): FieldSelector {
  const terms = split(text).map(parseTerm);
  const readers = terms.map(({ field, value, equal }) => {
    const read = readerOf(field, resource);
    return (object: Readonly<KubeObject>) => (read(object) === value) === equal;
  });
  const name = demandedName(terms);
  return {
    matches: (object) => readers.every((matches) => matches(object)),
    ...(name === undefined ? {} : { name }),
  };
}

/** The name that a field selector demands, if it does; text that is no selector demands none. */
export function requiredName(text: string): string | undefined {
  try {
    return demandedName(split(text).map(parseTerm));
  } catch {
    return undefined;
  }
}

function demandedName(terms: readonly Term[]): string | undefined {
  return terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value;
}

function parseTerm(term: string): Term {
  const match = /^([^=!]*)(!=|==|=)(.*)$/s.exec(term);
  if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  return { field, value: value.replace(/\\([\\,=])/g, '$1'), equal: operator !== '!=' };
}

/** At commas that no backslash escapes. */
function split(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\])+/gs) ?? []).filter((term) => term !== '');
}

function readerOf(field: string, resource: Resource): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? '';
  if (field === 'metadata.namespace' && (resource.namespaced || !resource.custom)) {
    return (object) => object.metadata.namespace ?? '';
  }
  const own = Object.hasOwn(resource.selectableFields, field) ? resource.selectableFields[field] : undefined;
  if (own) return own;
  if (!resource.custom && Object.keys(resource.selectableFields).length === 0) {
    throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  throw badRequest(`field label not supported: ${field}`);
}
