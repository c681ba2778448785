import { plainText, type Endpoint } from './http-endpoints.js';

/** Something that may be wrong. */
export interface Check {
  readonly name: string;
  /** What is wrong now; empty when all is well. */
  problems(): readonly string[];
}

/**
 * Answers 200 `ok` while nothing is wrong, else 500 with a line for each check, as the API server's own probes do;
 * `?verbose` lists the checks that passed, too.
 */
export function checksEndpoint(checks: readonly Check[]): Endpoint {
  return (query) => {
    const results = checks.map(({ name, problems }) => ({ name, problems: problems() }));
    const isWell = results.every(({ problems }) => problems.length === 0);
    if (isWell && !query.has('verbose')) return plainText(200, 'ok');
    const lines = results.map(({ name, problems }) =>
      problems.length === 0 ? `[+]${name} ok` : `[-]${name} failed: ${problems.join('; ')}`,
    );
    return plainText(isWell ? 200 : 500, lines.join('\n'));
  };
}
