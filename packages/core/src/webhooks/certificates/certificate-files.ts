import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Logger } from '@trueup/kube';
import { messageOf } from '../../errors.js';
import { servingCertificate, type CertificateSource, type ServingCertificate } from './serving-certificate.js';

/** A mounted Secret changes by links that are exchanged, which watches of files do not see everywhere. */
const LOOK_AGAIN_MS = 10_000;

export interface CertificateFilesOptions {
  /** Holds `tls.crt`, `tls.key` and perhaps `ca.crt`, as the Secrets of cert-manager do. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A certificate in files that others write. They are looked at again and again, and a new one is taken up. */
export class CertificateFiles implements CertificateSource {
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;
  #complaint: string | undefined;

  constructor(private readonly options: CertificateFilesOptions) {}

  async open(onRenewed: (certificate: ServingCertificate) => void): Promise<ServingCertificate> {
    const first = await this.#read();
    this.#lookLater(first, onRenewed);
    return first;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#looking;
  }

  #lookLater(known: ServingCertificate, onRenewed: (certificate: ServingCertificate) => void): void {
    if (this.#isClosed) return;
    this.#cancel = this.options.clock.schedule(LOOK_AGAIN_MS, () => {
      this.#looking = this.#look(known, onRenewed);
    });
  }

  async #look(known: ServingCertificate, onRenewed: (certificate: ServingCertificate) => void): Promise<void> {
    let current = known;
    try {
      const found = await this.#read();
      this.#complaint = undefined;
      if (found.certificate !== known.certificate || found.authorities !== known.authorities) {
        current = found;
        onRenewed(found);
      }
    } catch (error) {
      // Between two files that are being written nothing fits; what is served goes on.
      this.#complain(messageOf(error));
    }
    this.#lookLater(current, onRenewed);
  }

  #complain(error: string): void {
    if (error === this.#complaint) return;
    this.#complaint = error;
    this.options.log.warn({ folder: this.options.folder, error }, 'the webhook certificate cannot be read again');
  }

  async #read(): Promise<ServingCertificate> {
    const text = (name: string) => readFile(path.join(this.options.folder, name), 'utf8');
    const [certificate, key, authorities] = await Promise.all([
      text('tls.crt'),
      text('tls.key'),
      text('ca.crt').catch(() => undefined),
    ]);
    return servingCertificate({ certificate, key, ...(authorities !== undefined && { authorities }) });
  }
}
