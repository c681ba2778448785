import type { EnvVar } from '@trueup/core';
import { sortedKeys } from '../formats/go-json.js';
import { secretVariable } from '../proxy/proxy-environment.js';
import type { HeaderForwardSection } from '../run-config/sections.js';
import type { HeaderForward } from '../schemas/header-forward.js';

/** Headers that belong to one hop or say where a request came from; the proxy refuses to start with any of them. */
const RESTRICTED = new Set([
  'Host',
  'Connection',
  'Keep-Alive',
  'Te',
  'Trailer',
  'Upgrade',
  'Http2-Settings',
  'Proxy-Authorization',
  'Proxy-Authenticate',
  'Proxy-Connection',
  'Transfer-Encoding',
  'Content-Length',
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Real-Ip',
]);

/**
 * Says which header cannot be forwarded, and why; undefined when all can: a restricted one, one that is given twice, or two whose
 * secret values would share one environment variable.
 */
export function headerForwardProblem(headers: HeaderForwardAsStored | undefined): string | undefined {
  const plain = Object.keys(headers?.addPlaintextHeaders ?? {});
  const secret = (headers?.addHeadersFromSecret ?? []).flatMap(({ headerName }) => headerName ?? []);
  const restricted = [...plain, ...secret].map(canonicalHeader).find((header) => RESTRICTED.has(header));
  if (restricted !== undefined) {
    return `header ${JSON.stringify(restricted)} is restricted and cannot be configured for forwarding`;
  }
  const twice = firstRepeated([...plain, ...secret], canonicalHeader);
  if (twice !== undefined) return `header ${JSON.stringify(canonicalHeader(twice[0]))} is configured more than once`;
  const clash = firstRepeated(secret, environmentName);
  if (clash !== undefined) {
    const [one, other] = clash.map((name) => JSON.stringify(name));
    return `headers ${one} and ${other} cannot both come from Secrets: they share one environment variable; rename one of them`;
  }
  return undefined;
}

/** Headers as they may be stored: written before the schema had its present rules. */
export type HeaderForwardAsStored = {
  readonly addPlaintextHeaders?: HeaderForward['addPlaintextHeaders'];
  readonly addHeadersFromSecret?: readonly {
    readonly headerName?: string | undefined;
    readonly valueSecretRef?: { readonly name?: string | undefined; readonly key?: string | undefined } | undefined;
  }[];
};

/**
 * The section of the run configuration; undefined when no header is forwarded. The values of secret ones are in the
 * environment, see {@link headerForwardEnv}.
 *
 * @param owner - The workload, whose name is part of the identifiers.
 */
export function headerForwardSection(
  { addPlaintextHeaders = {}, addHeadersFromSecret = [] }: HeaderForward,
  owner: string,
): HeaderForwardSection | undefined {
  const hasPlain = Object.keys(addPlaintextHeaders).length > 0;
  if (!hasPlain && addHeadersFromSecret.length === 0) return undefined;
  const identifiers = addHeadersFromSecret.map(({ headerName }) => [headerName, secretIdentifier(headerName, owner)]);
  return {
    ...(hasPlain && { add_plaintext_headers: sortedKeys(addPlaintextHeaders) }),
    ...(identifiers.length > 0 && {
      add_headers_from_secret: sortedKeys(Object.fromEntries(identifiers) as Record<string, string>),
    }),
  };
}

/** Where the runner looks for the values of secret headers. */
export function headerForwardEnv({ addHeadersFromSecret = [] }: HeaderForward, owner: string): readonly EnvVar[] {
  return addHeadersFromSecret.map(({ headerName, valueSecretRef }) =>
    secretVariable(`TOOLHIVE_SECRET_${secretIdentifier(headerName, owner)}`, valueSecretRef),
  );
}

function secretIdentifier(header: string, owner: string): string {
  return `HEADER_FORWARD_${environmentName(header)}_${environmentName(owner)}`;
}

/** Upper-cases what follows a hyphen and lower-cases the rest: `x-api-key` becomes `X-Api-Key`. */
function canonicalHeader(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** How a name stands in an environment variable: `X-API-Key` becomes `X_API_KEY`. */
function environmentName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
}

function firstRepeated(names: readonly string[], normalised: (name: string) => string): [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = normalised(name);
    const earlier = seen.get(key);
    if (earlier !== undefined) return [earlier, name];
    seen.set(key, name);
  }
  return undefined;
}
