import { OptionError } from '../errors.js';

/** Where a server listens. */
export interface BindAddress {
  /** Absent: on every address of the machine. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

/**
 * Reads an address as controller-runtime's flags take it: `:8080`, `127.0.0.1:8080`, `[::1]:8080`; `0` and nothing mean
 * that there is no server.
 *
 * @throws {@link OptionError} naming the option.
 */
export function parseBindAddress(option: string, address: string): BindAddress | undefined {
  if (address === '' || address === '0') return undefined;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new OptionError(
      `${option} is ${JSON.stringify(address)}; write :8080, 127.0.0.1:8080, [::1]:8080, or 0 for none`,
    );
  const host = bracketed ?? plain;
  return { ...(host !== undefined && host !== '' && { host }), port: Number(port) };
}

/** A URL that reaches, from this machine, what listens there: `http://127.0.0.1:8081`. */
export function reachableUrl(protocol: 'http' | 'https', { host, port }: BindAddress): string {
  const reachable = host === undefined || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${protocol}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
