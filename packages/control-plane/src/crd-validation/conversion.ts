import { optionalObjectAt, stringAt, stringsAt } from '../access.js';
import type { JsonObject } from '../object.js';
import { forbidden, invalid, notSupported, required } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import { label1035Problems, subdomainProblems } from '../schema/names.js';
import type { FieldError } from '../status-error.js';

const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const URL_FORM = '; desired format: https://host[/path]';

/** Checks how objects are converted between versions. */
export function conversionErrors(conversion: JsonObject, path: string): FieldError[] {
  const strategy = stringAt(conversion, 'strategy');
  const webhook = optionalObjectAt(conversion, 'webhook');
  const client = webhook === undefined ? undefined : optionalObjectAt(webhook, 'clientConfig');
  const versions = webhook === undefined ? [] : stringsAt(webhook, 'conversionReviewVersions');
  const errors = strategyErrors(strategy, child(path, 'strategy'));
  // The server reports these by the names of its internal version.
  const clientPath = child(path, 'webhookClientConfig');
  const versionsPath = child(path, 'conversionReviewVersions');
  if (strategy === 'Webhook') {
    errors.push(
      ...(client === undefined
        ? [required(clientPath, 'required when strategy is set to Webhook')]
        : clientErrors(client, clientPath)),
      ...reviewVersionErrors(versions, versionsPath),
    );
    return errors;
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (client !== undefined) {
    errors.push(forbidden(clientPath, detail));
  }
  if (versions.length > 0) {
    errors.push(forbidden(versionsPath, detail));
  }
  return errors;
}

function strategyErrors(strategy: string, field: string): FieldError[] {
  if (strategy === '') {
    return [required(field)];
  }
  return STRATEGIES.includes(strategy) ? [] : [notSupported(field, strategy, STRATEGIES)];
}

function clientErrors(client: JsonObject, path: string): FieldError[] {
  const service = optionalObjectAt(client, 'service');
  const hasUrl = typeof client.url === 'string';
  if (hasUrl === (service !== undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  return service === undefined
    ? webhookUrlErrors(stringAt(client, 'url'), child(path, 'url'))
    : webhookServiceErrors(service, child(path, 'service'));
}

/** Checks the URL of a webhook: https, a host, and nothing that would not reach it. */
export function webhookUrlErrors(text: string, field: string): FieldError[] {
  const parts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  const [, scheme = '', authority = '', , query = '', fragment = ''] = parts ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== 'https') {
    errors.push(invalid(field, scheme.toLowerCase(), `'https' is the only allowed URL scheme${URL_FORM}`));
  }
  if (host === '') {
    errors.push(invalid(field, host, `host must be specified${URL_FORM}`));
  }
  if (at !== -1) {
    errors.push(invalid(field, authority.slice(0, at), 'user information is not permitted in the URL'));
  }
  if (fragment !== '') {
    errors.push(invalid(field, fragment, 'fragments are not permitted in the URL'));
  }
  if (query !== '') {
    errors.push(invalid(field, query, 'query parameters are not permitted in the URL'));
  }
  return errors;
}

/** Checks the service of a webhook; its port is 443 unless given. */
export function webhookServiceErrors(service: JsonObject, path: string): FieldError[] {
  const errors = ['name', 'namespace'].flatMap((name) =>
    stringAt(service, name) === '' ? [required(child(path, name))] : [],
  );
  const port = service.port ?? 443;
  if (typeof port !== 'number' || port < 1 || port > 65_535) {
    errors.push(invalid(child(path, 'port'), port, 'port is not valid: must be between 1 and 65535, inclusive'));
  }
  return [...errors, ...urlPathErrors(stringAt(service, 'path'), child(path, 'path'))];
}

function urlPathErrors(urlPath: string, field: string): FieldError[] {
  if (urlPath === '' || urlPath === '/') {
    return [];
  }
  if (urlPath === '//') {
    return [invalid(field, urlPath, 'segment[0] may not be empty')];
  }
  const errors = urlPath.startsWith('/') ? [] : [invalid(field, urlPath, "must start with a '/'")];
  const segments = urlPath.slice(1).replace(/\/$/, '').split('/');
  return [
    ...errors,
    ...segments.flatMap((segment, position) => {
      const problems =
        segment === ''
          ? [`segment[${position}] may not be empty`]
          : subdomainProblems(segment).map((problem) => `segment[${position}]: ${problem}`);
      return problems.map((problem) => invalid(field, urlPath, problem));
    }),
  ];
}

function reviewVersionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) {
    return [required(path)];
  }
  const errors = versions.flatMap((version, position) => {
    const problems = versions.indexOf(version) < position ? ['duplicate version'] : label1035Problems(version);
    return problems.map((problem) => invalid(index(path, position), version, problem));
  });
  const isKnown = versions.some((version) => REVIEW_VERSIONS.includes(version));
  return isKnown
    ? errors
    : [...errors, invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}
