import {
  formatName,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type Client,
  type Clock,
  type Logger,
} from '@trueup/kube';
import { Secret } from '../../builtin-kinds.js';
import { messageOf } from '../../errors.js';
import { WorkQueue, type Disposition } from '../../queue/work-queue.js';
import { NamedObjects } from '../named-objects.js';
import { asServingCertificate, renewalAtMs, renewed, type KeptCertificates } from './kept-certificates.js';
import type { CertificateSource, ServingCertificate } from './serving-certificate.js';

/** However long a certificate is good for, a look now and then notices what a watch has missed. */
const LOOK_AGAIN_MS = 12 * 3_600_000;
const PEM_BLOCK = /-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----\n?/g;

export interface CertificateSecretOptions {
  readonly client: Client;
  /** Certificates are judged by the clocks of others, so this is the machine's, outside of tests. */
  readonly clock: Clock;
  readonly log: Logger;
  /** The Secret: a `kubernetes.io/tls`, with the authorities and their keys beside. */
  readonly secret: { readonly namespace: string; readonly name: string };
  /** What the server is called. */
  readonly names: readonly string[];
}

/**
 * A certificate that the operator issues itself, kept in a Secret, so that its replicas show certificates of the same
 * authority. Whichever finds it missing or old renews it; the others see that and follow.
 */
export class CertificateSecret implements CertificateSource {
  readonly #queue: WorkQueue;
  readonly #watched: NamedObjects;
  #kept: KeptCertificates | undefined;
  #onRenewed: (certificate: ServingCertificate) => void = () => undefined;

  constructor(private readonly options: CertificateSecretOptions) {
    this.#queue = new WorkQueue(() => this.#work(), { concurrency: 1, clock: options.clock });
    this.#watched = new NamedObjects(options);
  }

  async open(onRenewed: (certificate: ServingCertificate) => void): Promise<ServingCertificate> {
    const kept = await this.#ensure();
    this.#onRenewed = onRenewed;
    const { secret } = this.options;
    this.#watched.watch(Secret.resource, secret, () => this.#queue.add(secret.name));
    this.#queue.start();
    return asServingCertificate(kept);
  }

  async close(): Promise<void> {
    await this.#queue.stop();
    await this.#watched.stop();
  }

  async #work(): Promise<Disposition> {
    try {
      const before = this.#kept;
      const kept = await this.#ensure();
      if (before === undefined || JSON.stringify(before) !== JSON.stringify(kept))
        this.#onRenewed(asServingCertificate(kept));
      const afterMs = Math.max(0, renewalAtMs(kept) - this.options.clock.now());
      return { kind: 'later', afterMs: Math.min(afterMs, LOOK_AGAIN_MS) };
    } catch (error) {
      const secret = formatName(this.options.secret);
      this.options.log.warn(
        { secret, error: messageOf(error) },
        'the webhook certificate cannot be renewed; it is tried again',
      );
      return { kind: 'retry', error };
    }
  }

  /** Reads the Secret and, where something is to be done, writes it; again when another replica was faster. */
  async #ensure(): Promise<KeptCertificates> {
    const { client, secret, names, clock } = this.options;
    for (;;) {
      const stored = await client.find<Secret>(Secret.resource, secret);
      // A Secret that was deleted comes back as it was: clients trust what was in it.
      const known = stored === undefined ? this.#kept : keptIn(stored);
      const kept = await renewed(known, names, clock.now());
      if ((stored !== undefined && kept === known) || (await this.#write(stored, kept))) {
        this.#kept = kept;
        return kept;
      }
    }
  }

  /** @returns false when somebody else has written it in the meantime. */
  async #write(stored: Secret | undefined, kept: KeptCertificates): Promise<boolean> {
    const { client, secret, log } = this.options;
    const type = 'kubernetes.io/tls';
    const data = dataOf(kept);
    try {
      if (stored !== undefined) await client.replace<Secret>(Secret.resource, { ...stored, data });
      else
        await client.create<Secret>(Secret.resource, {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: secret,
          type,
          data,
        });
    } catch (error) {
      // Not found for a new one means that there is no such namespace: nobody was faster.
      const isOvertaken = stored === undefined ? isAlreadyExists(error) : isConflict(error) || isNotFound(error);
      if (isOvertaken) return false;
      throw error;
    }
    log.info({ secret: formatName(secret) }, 'webhook certificate issued');
    return true;
  }
}

function dataOf({ authorities, serving }: KeptCertificates): Readonly<Record<string, string>> {
  const texts = {
    'tls.crt': serving.certificate,
    'tls.key': serving.key,
    'ca.crt': authorities.map(({ certificate }) => certificate).join(''),
    'ca.key': authorities.map(({ key }) => key).join(''),
  };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]));
}

/** Undefined when it does not hold what it should. */
function keptIn({ data = {} }: Secret): KeptCertificates | undefined {
  const text = (name: string): string => Buffer.from(data[name] ?? '', 'base64').toString();
  const keys = text('ca.key').match(PEM_BLOCK) ?? [];
  const authorities = (text('ca.crt').match(PEM_BLOCK) ?? []).flatMap((certificate, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ certificate, key }];
  });
  const kept = { authorities, serving: { certificate: text('tls.crt'), key: text('tls.key') } };
  try {
    asServingCertificate(kept);
    renewalAtMs(kept);
    return kept;
  } catch {
    return undefined;
  }
}
