import { systemClock, type Client, type Clock } from '@trueup/kube';
import type { Kind } from '../kind/kind.js';
import type { OperatorModule } from '../operator/module.js';
import { parseBindAddress, reachableUrl, type BindAddress } from '../server/bind-address.js';
import { OptionError } from '../errors.js';
import { admissionEndpoint, type AdmissionServices, type BoundWebhook } from './admission-endpoint.js';
import { CaBundles } from './ca-bundles.js';
import { CertificateFiles } from './certificates/certificate-files.js';
import { CertificateSecret } from './certificates/certificate-secret.js';
import type { CertificateSource, ServingCertificate } from './certificates/serving-certificate.js';
import { conversionEndpoint } from './conversion-endpoint.js';
import { conversionPath, convertingKinds } from './converting-kinds.js';
import { trustingObjects } from './trusting-objects.js';
import { webhookConfigurations, type WebhookConfiguration } from './webhook-configurations.js';
import type { WebhookObserver } from './webhook-observer.js';
import {
  DEFAULT_WEBHOOK_BIND_ADDRESS,
  webhookCertificateName,
  webhookServiceName,
  type WebhookServerOptions,
} from './webhook-server-options.js';
import { WebhookServer } from './webhook-server.js';
import { caBundleOf, webhookClientConfig, type WebhookClientConfig, type WebhookTarget } from './webhook-target.js';

export interface OperatorWebhooksSettings extends AdmissionServices {
  readonly operatorName: string;
  /** The namespace the operator runs in. */
  readonly namespace: string;
  /** The namespaces it looks at; empty: all. */
  readonly watchedNamespaces: readonly string[];
  readonly modules: readonly OperatorModule[];
  readonly webhooks: readonly BoundWebhook[];
  readonly options: WebhookServerOptions;
  readonly client: Client;
  /** For deadlines. Certificates go by the machine's clock: those who check them have no other. */
  readonly clock: Clock;
  readonly observer?: WebhookObserver;
}

/** Everything that serves the webhooks of an operator: its server, its certificate, and who is told to trust it. */
export class OperatorWebhooks {
  readonly target: WebhookTarget;
  readonly #bundles: CaBundles | undefined;

  private constructor(
    private readonly settings: OperatorWebhooksSettings,
    private readonly server: WebhookServer,
    private readonly source: CertificateSource,
    private certificate: ServingCertificate,
  ) {
    this.target = targetOf(settings, server);
    this.#bundles = source instanceof CertificateSecret ? this.#trust() : undefined;
  }

  /** @throws when the certificate can be neither read nor made, or the address can't be taken. */
  static async open(settings: OperatorWebhooksSettings): Promise<OperatorWebhooks> {
    const { options, webhooks, modules, clock, log, observer } = settings;
    const address = parseBindAddress('webhooks.bindAddress', options.bindAddress ?? DEFAULT_WEBHOOK_BIND_ADDRESS);
    if (address === undefined) throw new OptionError('webhooks.bindAddress is nowhere; leave out webhooks instead');
    const source = sourceOf(settings, address);
    let opened: OperatorWebhooks | undefined;
    let certificate = await source.open((renewed) => {
      certificate = renewed;
      if (opened !== undefined) opened.#use(renewed);
    });
    try {
      const server = await WebhookServer.listen({
        address,
        certificate,
        clock,
        log,
        endpoints: [
          ...webhooks.map((webhook) => admissionEndpoint(webhook, settings)),
          ...convertingKinds(modules).map((kind) => conversionEndpoint(kind, log)),
        ],
        ...(observer && { observer }),
      });
      opened = new OperatorWebhooks(settings, server, source, certificate);
    } catch (error) {
      await source.close();
      throw error;
    }
    log.info({ port: opened.server.port, ...opened.target }, 'serving webhooks');
    return opened;
  }

  /** `https://127.0.0.1:9443`, with the port it got and an address that reaches it from this machine. */
  get url(): string {
    return urlOf(this.settings, this.server);
  }

  /** What tells the API server about the admission webhooks, whole. */
  configurations(): readonly WebhookConfiguration[] {
    const { modules, operatorName, watchedNamespaces } = this.settings;
    return webhookConfigurations(modules, {
      name: operatorName,
      target: this.target,
      namespaces: watchedNamespaces,
      ...this.#authorities,
    });
  }

  /** Where the objects of a kind are converted. */
  conversionOf(kind: Kind): WebhookClientConfig {
    return webhookClientConfig(this.target, conversionPath(kind), this.#authorities.authorities);
  }

  /** What is wrong now. The server listens, so all that may be missing is a certificate that is still good. */
  problems(): readonly string[] {
    const { expiresAtMs } = this.certificate;
    if (expiresAtMs > systemClock.now()) return [];
    return [`the certificate has expired at ${new Date(expiresAtMs).toISOString()}`];
  }

  /** Ends what keeps certificates and trust, then the server; see {@link WebhookServer.close}. */
  async close(graceMs = 0): Promise<void> {
    await Promise.all([this.#bundles?.stop(), this.source.close()]);
    await this.server.close(graceMs);
  }

  get #authorities(): Pick<ServingCertificate, 'authorities'> {
    const { authorities } = this.certificate;
    return authorities === undefined ? {} : { authorities };
  }

  #use(certificate: ServingCertificate): void {
    this.certificate = certificate;
    this.server.use(certificate);
    this.#bundles?.renew();
    const expiresAt = new Date(certificate.expiresAtMs).toISOString();
    this.settings.log.info({ expiresAt }, 'webhook certificate renewed');
  }

  #trust(): CaBundles {
    const { client, log, operatorName, modules } = this.settings;
    const bundles = new CaBundles({
      client,
      clock: systemClock,
      log,
      fieldManager: `${operatorName}-webhooks`,
      objects: trustingObjects(operatorName, modules),
      caBundle: () => caBundleOf(this.certificate.authorities ?? ''),
    });
    bundles.start();
    return bundles;
  }
}

function sourceOf(settings: OperatorWebhooksSettings, { host }: BindAddress): CertificateSource {
  const { options, client, log, namespace, operatorName } = settings;
  const { certificateFolder: folder } = options;
  if (folder !== undefined) return new CertificateFiles({ folder, clock: systemClock, log });
  const secret = { namespace, name: webhookCertificateName(operatorName) };
  return new CertificateSecret({ client, clock: systemClock, log, secret, names: namesOf(settings, host) });
}

/** What the API server calls the server by. */
function namesOf(settings: OperatorWebhooksSettings, host: string | undefined): readonly string[] {
  const { address = { service: {} } } = settings.options;
  if (address === 'local') return [...new Set(['localhost', '127.0.0.1', ...(host === undefined ? [] : [host])])];
  if ('url' in address) return [new URL(address.url).hostname.replace(/^\[|\]$/g, '')];
  const { name, namespace } = serviceOf(settings);
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

function serviceOf({ options, operatorName, namespace }: OperatorWebhooksSettings) {
  const { address } = options;
  const service = typeof address === 'object' && 'service' in address ? address.service : {};
  return { name: webhookServiceName(operatorName), namespace, port: 443, ...service };
}

function targetOf(settings: OperatorWebhooksSettings, server: WebhookServer): WebhookTarget {
  const { address = { service: {} } } = settings.options;
  if (address === 'local') return { url: urlOf(settings, server) };
  return 'url' in address ? { url: address.url } : { service: serviceOf(settings) };
}

function urlOf({ options }: OperatorWebhooksSettings, { port }: WebhookServer): string {
  return reachableUrl('https', { ...parseBindAddress('webhooks.bindAddress', options.bindAddress ?? ''), port });
}
