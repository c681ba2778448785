import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Informers, clusterFromToken, systemClock, type Clock, type KubernetesObject } from '@trueup/kube';
import { ControlPlane } from '@trueup/control-plane';
import { until } from '@trueup/testing/until';
import { pino } from 'pino';
import { ManualClock } from '../../test-support/manual-clock.js';
import { ConfigMap, Ingress } from '../builtin-kinds.js';
import { ContentWatch } from '../content/content-watch.js';
import { EventRecorder } from '../events/event-recorder.js';
import type { KindOf } from '../kind/kind.js';
import { Controller } from './controller.js';
import type { ControllerDefinition } from './definition.js';
import type { EngineServices } from './services.js';

const definition: ControllerDefinition<ConfigMap> = {
  name: 'copier',
  kind: ConfigMap,
  concurrency: 1,
  references: [],
  owns: [ConfigMap],
  watches: [],
  conditions: [],
  desired: ({ metadata, data }) =>
    metadata.labels?.['copy'] === 'yes'
      ? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${metadata.name}-copy` }, data }]
      : [],
};

describe('a controller defined without decorators', () => {
  let controlPlane: ControlPlane;
  let client: Client;
  const running: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop();
  });
  afterAll(async () => {
    await client.close();
    await controlPlane.stop();
  });

  function servicesOf(informers: Informers, clock: Clock): EngineServices {
    return {
      client,
      clock,
      random: Math.random,
      events: new EventRecorder({ clock, reportingInstance: 'test', client, log: pino({ level: 'silent' }) }),
      log: pino({ level: 'silent' }),
      content: new ContentWatch({
        client,
        clock,
        random: Math.random,
        log: pino({ level: 'silent' }),
        digestKey: async () => 'key',
      }),
      store: <T extends KubernetesObject>({ resource }: KindOf<T>) => informers.informer<T>(resource).store,
      formerManagers: [],
      hasSynced: ({ resource }) => informers.informer(resource).hasSynced,
    };
  }

  it('reconciles', async () => {
    const informers = new Informers(client, { keepManagers: (manager) => manager === definition.name });
    const services = servicesOf(informers, systemClock);
    const controller = new Controller(definition, services);
    running.push(controller, informers);
    controller.watch();
    const informer = informers.informer(ConfigMap.resource);
    informer.start();
    await informer.waitForSync({ timeoutMs: 5000 });
    controller.start();

    const original = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'a', labels: { copy: 'yes' } },
      data: { x: '1' },
    };
    const copied = new Promise<ConfigMap>((resolve) => {
      services.store(ConfigMap).subscribe(({ object }) => object.metadata.name === 'a-copy' && resolve(object));
    });
    await client.create(ConfigMap.resource, original);

    expect((await copied).data).toEqual({ x: '1' });
  });

  it('begins a new backoff when the spec changes, and only then', async () => {
    const clock = new ManualClock();
    const informers = new Informers(client);
    let attempts = 0;
    const failing: ControllerDefinition<Ingress> = {
      name: 'failing',
      kind: Ingress,
      concurrency: 1,
      references: [],
      owns: [],
      watches: [],
      conditions: [],
      reconcile: () => {
        attempts += 1;
        throw new Error('not today');
      },
    };
    const controller = new Controller(failing, servicesOf(informers, clock));
    running.push(controller, informers);
    const { queue } = controller;
    controller.watch();
    informers.informer(Ingress.resource).start();
    controller.start();
    const failed = (times: number): Promise<void> =>
      until(() => attempts >= times && queue.activeSinceMs().length === 0);
    const apply = (service: string, labels: Record<string, string>) =>
      client.apply(
        Ingress.resource,
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { namespace: 'default', name: 'web', labels },
          ...{ spec: { defaultBackend: { service: { name: service, port: { number: 80 } } } } },
        },
        { fieldManager: 'test' },
      );

    await apply('one', {});
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await failed(attempt);
      expect(queue.failuresOf('default/web')).toBe(attempt);
      if (attempt < 4) clock.advance(60_000);
    }
    await apply('one', { touched: 'yes' });
    await failed(5);
    expect(queue.failuresOf('default/web')).toBe(4);
    await apply('two', {});
    await failed(6);
    expect(queue.failuresOf('default/web')).toBe(1);
  });
});
