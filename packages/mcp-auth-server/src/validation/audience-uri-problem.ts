import { parseUri } from './uri.js';

/**
 * What is wrong with the URI of a resource that tokens are meant for. An empty one is fine.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 | RFC 8707, section 2}
 */
export function audienceUriProblem(text: string): string | undefined {
  const hint = text === '' ? undefined : hintAbout(text);
  return hint && `invalid_target: ${hint}`;
}

function hintAbout(text: string): string | undefined {
  const uri = parseUri(text);
  if (uri === undefined) return `Resource parameter is not a valid URI: ${text}`;
  if (uri.scheme === '') return 'Resource must be an absolute URI';
  if (uri.host === '') return 'Resource must include a host';
  if (uri.fragment !== undefined) return 'Resource must not contain a fragment';
  return uri.scheme === 'http' || uri.scheme === 'https' ? undefined : 'Resource must use http or https scheme';
}
