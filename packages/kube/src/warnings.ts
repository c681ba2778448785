import type { Logger } from './logger.js';
import { describeOperation, type Operation } from './operation.js';

/** Texts of `299 - "…"` warnings (RFC 7234, section 5.5, as Kubernetes uses it). */
export function parseWarnings(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const joined = Array.isArray(header) ? header.join(', ') : header;
  return [...joined.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}

/** Texts can name objects, of which there is no end. */
const REMEMBERED = 1_000;

/** Logs what API servers want to be said to a person: each text once. */
export class WarningLog {
  readonly #logger: Logger;
  readonly #said = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  report(operation: Operation, warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (this.#said.has(warning)) continue;
      const [oldest] = this.#said;
      if (this.#said.size >= REMEMBERED && oldest !== undefined) this.#said.delete(oldest);
      this.#said.add(warning);
      this.#logger.warn({ warning, request: describeOperation(operation) }, 'The API server warns');
    }
  }
}
