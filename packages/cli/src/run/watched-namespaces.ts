import { CommandError } from '../command-error.js';

/** {@link https://datatracker.ietf.org/doc/html/rfc1123#section-2.1 | RFC 1123} label, as names of namespaces are. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The namespaces of `WATCH_NAMESPACE`: a list with commas. Unset or empty means all of them, an empty list here.
 *
 * @throws {@link CommandError} for what is no name, and for a list that names nothing: somebody meant to limit the operator.
 */
export function watchedNamespaces(text = ''): readonly string[] {
  if (text === '') return [];
  const namespaces = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = namespaces.find((name) => !LABEL.test(name));
  if (wrong !== undefined)
    throw new CommandError(
      `WATCH_NAMESPACE: ${JSON.stringify(wrong)} is not the name of a namespace; list names with commas between them`,
    );
  if (namespaces.length === 0)
    throw new CommandError(`WATCH_NAMESPACE is ${JSON.stringify(text)} and names no namespace; unset it to watch all`);
  return [...new Set(namespaces)];
}
