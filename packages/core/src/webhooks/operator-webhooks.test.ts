import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import {
  Client,
  clusterFromToken,
  type ClusterConnection,
  type KubernetesObject,
  type ResourceType,
} from '@trueup/kube';
import { pino } from 'pino';
import { z } from 'zod';
import { Pod, Secret } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Mutates } from '../decorators/mutates.js';
import { Reconciler } from '../decorators/reconciler.js';
import { Validates } from '../decorators/validates.js';
import { SpecError } from '../errors.js';
import { CUSTOM_RESOURCE_DEFINITION } from '../kind/custom-resource-definition.js';
import { defineKind } from '../kind/define-kind.js';
import type { CustomObject, ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import { Operator } from '../operator/operator.js';
import type { OperatorOptions } from '../operator/operator-options.js';
import { deny } from './admission-answer.js';
import type { AdmissionRequest } from './admission-request.js';
import { renewed } from './certificates/kept-certificates.js';
import { fieldError } from './field-error.js';
import { webhookConfigurations, WEBHOOK_CONFIGURATIONS, type WebhookConfiguration } from './webhook-configurations.js';

const GROUP = 'webhooks.example.com';
const oldSpec = z.object({ address: z.string().optional(), words: z.string() });

const Site = defineKind({
  group: GROUP,
  kind: 'Site',
  versions: {
    v1: { storage: true },
    v1beta1: {
      spec: oldSpec,
      convert: {
        toStored({ spec: { address = '', words } }: CustomObject<z.output<typeof oldSpec>>) {
          const [host = '', port] = address.split(':');
          if (port !== undefined && !/^\d+$/.test(port)) throw new SpecError(`spec.address: "${port}" is no port`);
          return { spec: { host, words: words.split(' '), ...(port !== undefined && { port: Number(port) }) } };
        },
        fromStored({ spec: { host, port, words } }) {
          return { spec: { address: port === undefined ? host : `${host}:${port}`, words: words.join(' ') } };
        },
      },
    },
  },
  spec: z.object({ host: z.string().optional(), port: z.int().optional(), words: z.array(z.string()) }),
});
type Site = ObjectOf<typeof Site>;

@Reconciler(Site)
class SiteReconciler {
  @Condition('Judged')
  judged(): Verdict {
    return verdict.true('Fine');
  }

  @Mutates(Site)
  hostFromName(site: Site): Site {
    const { host = `${site.metadata.name}.example.com` } = site.spec;
    return { ...site, spec: { ...site.spec, host, port: site.spec.port ?? 443 } };
  }

  @Validates(Site)
  words({ spec }: Site, request: AdmissionRequest<Site>) {
    if (spec.words.length > 3) request.warn('spec.words: that many may not fit');
    return spec.words.flatMap((word, index) =>
      word === 'darn' ? [fieldError.invalid(`spec.words[${index}]`, word, 'mind your language')] : [],
    );
  }

  @Validates(Site)
  hostStays({ spec }: Site, { old }: AdmissionRequest<Site>) {
    if (old !== undefined && old.spec.host !== spec.host)
      return [fieldError.forbidden('spec.host', 'it cannot change')];
    return [];
  }

  @Validates(Site, { operations: ['DELETE'] })
  keptForEver({ metadata }: Site, { user, isDryRun }: AdmissionRequest<Site>) {
    if (metadata.labels?.['keep'] === 'yes') return deny(`${user.username} cannot delete it`, { reason: 'Kept' });
    return isDryRun ? deny('not even that') : undefined;
  }
}

class PodWebhooks {
  @Validates(Pod, { failurePolicy: 'Ignore' })
  breaks(): void {
    throw new TypeError('a mistake that quotes a password');
  }

  @Validates(Pod, { operations: ['CREATE'], objectSelector: { matchLabels: { strict: 'yes' } } })
  breaksToo(): void {
    throw new TypeError('a mistake that quotes a password');
  }
}

const sites = defineModule({ name: 'sites', kinds: [Site], reconcilers: [SiteReconciler], webhooks: [PodWebhooks] });

describe('the webhooks of an operator', () => {
  let controlPlane: ControlPlane;
  let connection: ClusterConnection;
  let client: Client;
  let operator: Operator;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    connection = clusterFromToken({ server: controlPlane.url, token: controlPlane.token });
    client = new Client(connection);
    operator = await start();
    await operator.installKinds();
    await operator.installWebhooks();
    await operator.start();
  });
  afterAll(async () => {
    await operator.stop();
    await client.close();
    await controlPlane.stop();
  });

  const start = (options: Partial<OperatorOptions> = {}): Promise<Operator> =>
    Operator.create({
      name: 'sites',
      modules: [sites],
      connection,
      logger: pino({ level: process.env['S_LOG'] ?? 'silent' }, pino.destination(2)),
      metricsBindAddress: '127.0.0.1:0',
      healthProbeBindAddress: '127.0.0.1:0',
      webhooks: { bindAddress: '127.0.0.1:0', address: 'local' },
      ...options,
    });
  const site = (name: string, spec: object, labels = {}) => ({
    apiVersion: `${GROUP}/v1`,
    kind: 'Site',
    metadata: { name, namespace: 'default', labels },
    spec,
  });
  const create = (object: KubernetesObject, resource = Site.resource) => client.create(resource, object);
  const aPod = (name: string, labels = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: { containers: [{ name: 'one', image: 'one:1' }] },
  });
  /** Waits, by a watch, until an object is as it should be. */
  const until = async (resource: ResourceType, name: string, isRight: (object: KubernetesObject) => boolean) => {
    const ended = new AbortController();
    const fieldSelector = `metadata.name=${name}`;
    for await (const event of client.watch(resource, { fieldSelector, resourceVersion: '0', signal: ended.signal }))
      if (event.type !== 'BOOKMARK' && isRight(event.object)) ended.abort();
  };
  const bundles = (object: WebhookConfiguration) => object.webhooks?.map(({ clientConfig }) => clientConfig.caBundle);

  it('change an object before it is stored', async () => {
    expect(await create(site('filled', { words: ['hi'] }))).toMatchObject({
      spec: { host: 'filled.example.com', port: 443, words: ['hi'] },
    });
  });

  it('refuse an object for its fields, each named, in the words of the API server', async () => {
    const refused = create(site('rude', { words: ['darn', 'it', 'darn'] }));
    await expect(refused).rejects.toMatchObject({
      status: 422,
      reason: 'Invalid',
      message: expect.stringContaining(
        'admission webhook "words.sites.webhooks.example.com" denied the request: Site.webhooks.example.com "rude" is invalid: ' +
          '[spec.words[0]: Invalid value: "darn": mind your language, spec.words[2]: Invalid value: "darn": mind your language]',
      ),
      causes: [
        { reason: 'FieldValueInvalid', message: 'Invalid value: "darn": mind your language', field: 'spec.words[0]' },
        { reason: 'FieldValueInvalid', message: 'Invalid value: "darn": mind your language', field: 'spec.words[2]' },
      ],
    });
  });

  it('see the object as it was, and are not asked about what they did not ask for', async () => {
    await create(site('moving', { words: [] }, { keep: 'yes' }));
    const name = { namespace: 'default', name: 'moving' };
    await expect(client.mergePatch(Site.resource, name, { spec: { host: 'other' } })).rejects.toThrow(
      'is invalid: spec.host: Forbidden: it cannot change',
    );
    await expect(client.delete(Site.resource, name)).rejects.toMatchObject({
      status: 403,
      reason: 'Kept',
      message: expect.stringMatching(/denied the request: \S+ cannot delete it/),
    });
    await client.mergePatch(Site.resource, name, { metadata: { labels: { keep: null } }, spec: { words: ['well'] } });
    await client.delete(Site.resource, name);
  });

  it('warn, and let pass', async () => {
    const warnings: (string | null)[] = [];
    const { url, token } = controlPlane;
    const answer = await fetch(`${url}/apis/${GROUP}/v1/namespaces/default/sites`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(site('wordy', { words: ['a', 'b', 'c', 'd'] })),
    });
    warnings.push(answer.headers.get('warning'));
    expect({ status: answer.status, warnings }).toEqual({
      status: 201,
      warnings: ['299 - "spec.words: that many may not fit"'],
    });
  });

  it('leave it to the failure policy when they fail, and tell nobody but the log why', async () => {
    await expect(create(aPod('any'), Pod.resource)).resolves.toMatchObject({ metadata: { name: 'any' } });
    const refused = create(aPod('strict', { strict: 'yes' }), Pod.resource);
    await expect(refused).rejects.toMatchObject({
      status: 500,
      message: expect.stringMatching(/breaks-too\.pods\.core.*the webhook failed; the log of the operator says why/s),
    });
    await expect(refused).rejects.not.toThrow(/password/);
  });

  it('convert objects between the versions of a kind, there and back', async () => {
    const beta = { ...Site.resource, version: 'v1beta1' };
    const old = { ...site('old', { address: 'old:80', words: 'to be' }), apiVersion: `${GROUP}/v1beta1` };
    expect(await create(old, beta)).toMatchObject({ spec: { address: 'old:80', words: 'to be' } });

    const name = { namespace: 'default', name: 'old' };
    expect(await client.get(Site.resource, name)).toMatchObject({
      apiVersion: `${GROUP}/v1`,
      spec: { host: 'old', port: 80, words: ['to', 'be'] },
    });
    const { items } = await client.list<Site>(beta, { namespace: 'default', fieldSelector: 'metadata.name=old' });
    expect(items).toMatchObject([{ apiVersion: `${GROUP}/v1beta1`, spec: { address: 'old:80' } }]);
    // Judged in the version that the code is written for.
    await expect(client.mergePatch(beta, name, { spec: { words: 'darn it' } })).rejects.toThrow(
      'spec.words[0]: Invalid value: "darn": mind your language',
    );
    await expect(client.mergePatch(beta, name, { spec: { address: 'old:http' } })).rejects.toThrow(
      'old: spec.address: "http" is no port',
    );
  });

  it('are measured under the names of controller-runtime, and count for readiness', async () => {
    const lines = (await (await fetch(`${operator.metricsUrl}/metrics`)).text()).split('\n');
    const valueOf = (series: string) =>
      Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length));
    const webhook = 'webhook="/validate/sites.webhooks.example.com/words"';
    expect(valueOf(`controller_runtime_webhook_requests_total{${webhook},code="200"}`)).toBeGreaterThan(0);
    expect(valueOf(`controller_runtime_webhook_requests_total{${webhook},code="500"}`)).toBe(0);
    expect(valueOf(`controller_runtime_webhook_latency_seconds_count{${webhook}}`)).toBeGreaterThan(0);
    expect(valueOf(`controller_runtime_webhook_requests_in_flight{${webhook}}`)).toBe(0);
    const broken = 'webhook="/validate/pods.core/breaks-too"';
    expect(valueOf(`controller_runtime_webhook_requests_total{${broken},code="500"}`)).toBe(1);
    expect(await (await fetch(`${operator.healthUrl}/readyz?verbose`)).text()).toContain('[+]webhooks ok');
  });

  it('are trusted again when somebody has overwritten whom to trust', async () => {
    const { mutating } = WEBHOOK_CONFIGURATIONS;
    const definition = `sites.${GROUP}`;
    const before = await client.get<WebhookConfiguration>(mutating, { name: 'sites' });
    const [webhook] = before.webhooks ?? [];
    await client.replace(mutating, {
      ...before,
      ...{ webhooks: [{ ...webhook, clientConfig: { ...webhook?.clientConfig, caBundle: '' } }] },
    });
    const conversion = { webhook: { clientConfig: { caBundle: null } } };
    await client.mergePatch(CUSTOM_RESOURCE_DEFINITION, { name: definition }, { spec: { conversion } });
    const caBundle = bundles(before)?.[0];
    await until(mutating, 'sites', (object) => bundles(object)?.[0] === caBundle);
    await until(CUSTOM_RESOURCE_DEFINITION, definition, (object) => JSON.stringify(object).includes(String(caBundle)));
    expect(await create(site('after', { words: [] }))).toMatchObject({ spec: { port: 443 } });
  });

  it('are served with what another replica has issued, and trusted with it', async () => {
    const fresh = await renewed(undefined, ['localhost', '127.0.0.1'], Date.now());
    const authorities = fresh.authorities.map(({ certificate, key }) => ({ certificate, key }));
    const texts = {
      'tls.crt': fresh.serving.certificate,
      'tls.key': fresh.serving.key,
      'ca.crt': authorities.map(({ certificate }) => certificate).join(''),
      'ca.key': authorities.map(({ key }) => key).join(''),
    };
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const data = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, base64(text)]));
    await client.mergePatch(Secret.resource, { namespace: 'default', name: 'sites-webhook-certificate' }, { data });
    for (const resource of Object.values(WEBHOOK_CONFIGURATIONS))
      await until(
        resource,
        'sites',
        (object) => bundles(object)?.every((bundle) => bundle === data['ca.crt']) === true,
      );
    expect(await create(site('renewed', { words: [] }))).toMatchObject({ spec: { port: 443 } });
  });

  it('are served by every replica by one authority, and reached through a Service that manifests name', async () => {
    const replica = await start({ webhooks: { bindAddress: '127.0.0.1:0', address: { service: {} } } });
    try {
      await replica.start();
      const port = Number(new URL(replica.webhookUrl ?? '').port);
      const service = { name: 'sites-webhook', namespace: 'default', port };
      const installed = webhookConfigurations([sites], { name: 'sites', target: { service } });
      for (const configuration of installed) {
        const resource = WEBHOOK_CONFIGURATIONS[configuration.kind.startsWith('Mutating') ? 'mutating' : 'validating'];
        await client.delete(resource, { name: 'sites' });
        await client.create(resource, configuration);
        await until(resource, 'sites', (object) => bundles(object)?.every((bundle) => bundle !== undefined) === true);
      }
      expect(await create(site('served', { words: [] }))).toMatchObject({ spec: { port: 443 } });
      await expect(create(site('rude', { words: ['darn'] }))).rejects.toThrow('mind your language');
      // The operator runs there, and must be able to start while nobody answers.
      expect(await create(aPod('own', { strict: 'yes' }), Pod.resource)).toMatchObject({ metadata: { name: 'own' } });
    } finally {
      await replica.stop();
    }
  });

  it('are asked no more once they are uninstalled', async () => {
    await operator.installWebhooks();
    await operator.uninstallWebhooks();
    await operator.uninstallWebhooks();
    expect(await create(site('free', { words: ['darn'] }))).toMatchObject({ spec: { words: ['darn'] } });
  });
});

describe('an operator whose webhooks are not served', () => {
  it('does not install a kind that nobody would convert', async () => {
    const nowhere = clusterFromToken({ server: 'http://127.0.0.1:9' });
    const operator = await Operator.create({
      modules: [sites],
      connection: nowhere,
      logger: pino({ level: 'silent' }),
    });
    await expect(operator.installKinds()).rejects.toMatchObject({
      code: 'ERR_KIND_INVALID',
      message:
        'Site versions: are converted by a webhook that is not served; set `webhooks` of the operator, or name its address',
    });
    await operator.stop();
  });
});
