import { readFile } from 'node:fs/promises';
import { systemClock, type Clock } from './clock.js';
import { CredentialsError } from './errors.js';

/** What proves to the API server who we are. Never logged, never part of an error. */
export interface Credentials {
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
  /** Client certificate and key, PEM. */
  readonly certificate?: string;
  readonly key?: string;
}

/** Where credentials come from. Called for every request, so it must answer from memory nearly always. */
export interface CredentialProvider {
  /** @throws {@link CredentialsError} when there are none to be had. */
  current(): Promise<Credentials>;
  /** Told that the server answered 401 to these: the next call of `current` should bring others, if there are any. */
  refused(credentials: Credentials): void;
  /** Calls the observer after every run of a plugin, where credentials come from one. Returns what ends that. */
  readonly onPluginRun?: (observer: (run: PluginRun) => void) => () => void;
}

/** How a run of a credential plugin ended. */
export interface PluginRun {
  /** In the words of client-go's metrics. */
  readonly outcome: 'no_error' | 'plugin_execution_error' | 'plugin_not_found_error' | 'client_internal_error';
  /** 0 when there are credentials; 1 when it ended otherwise than by itself. */
  readonly exitCode: number;
  /** When the certificate it gave begins and ceases to be good, in milliseconds since the epoch. */
  readonly certificate?: { readonly fromMs: number; readonly untilMs: number };
}

/** Credentials that stay as they are. */
export function fixedCredentials(credentials: Credentials): CredentialProvider {
  return { current: () => Promise.resolve(credentials), refused: () => undefined };
}

export function bearer(token: string): Credentials {
  return { authorization: `Bearer ${token}` };
}

/** Credentials just obtained, and when to obtain them again, in milliseconds of the clock. */
export interface Renewal {
  readonly credentials: Credentials;
  /** `Infinity` for credentials that stay good until they are refused. */
  readonly renewAtMs: number;
}

/** Keeps credentials until they are due or refused. However many callers wait, they are fetched once. */
export class RenewingCredentials implements CredentialProvider {
  readonly #fetch: () => Promise<Renewal>;
  readonly #clock: Clock;
  #held: Renewal | undefined;
  #fetching: Promise<Renewal> | undefined;

  constructor(fetch: () => Promise<Renewal>, clock: Clock = systemClock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  async current(): Promise<Credentials> {
    if (this.#held !== undefined && this.#clock.now() < this.#held.renewAtMs) return this.#held.credentials;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    this.#held = await this.#fetching;
    return this.#held.credentials;
  }

  refused(credentials: Credentials): void {
    // Another request may have renewed them in the meantime; those are kept.
    if (this.#held !== undefined && sameCredentials(this.#held.credentials, credentials)) this.#held = undefined;
  }
}

export function sameCredentials(a: Credentials, b: Credentials): boolean {
  return a.authorization === b.authorization && a.certificate === b.certificate && a.key === b.key;
}

/** How often files are looked at again. The kubelet rotates a token at 80 % of its life, so a minute is early enough. */
const FILE_RENEWAL_MS = 60_000;

/** Credentials in files that somebody rotates: a token, or a certificate and its key. */
export function fileCredentials(
  files: { readonly token?: string; readonly certificate?: string; readonly key?: string },
  inline: Credentials = {},
  clock: Clock = systemClock,
): CredentialProvider {
  return new RenewingCredentials(async () => {
    const token = files.token === undefined ? undefined : await readCredential(files.token);
    const certificate = files.certificate === undefined ? undefined : await readCredential(files.certificate);
    const key = files.key === undefined ? undefined : await readCredential(files.key);
    const credentials = {
      ...inline,
      ...(token !== undefined && bearer(token.trim())),
      ...(certificate !== undefined && { certificate }),
      ...(key !== undefined && { key }),
    };
    return { credentials, renewAtMs: clock.now() + FILE_RENEWAL_MS };
  }, clock);
}

async function readCredential(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CredentialsError(`Cannot read the credential file ${path}`, { cause: error });
  }
}
