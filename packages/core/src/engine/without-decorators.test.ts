import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Informers, clusterFromToken, systemClock, type KubernetesObject } from '@trueup/kube';
import { ControlPlane } from '@trueup/control-plane';
import { pino } from 'pino';
import { ConfigMap } from '../builtin-kinds.js';
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

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
  });
  afterAll(async () => {
    await client.close();
    await controlPlane.stop();
  });

  it('reconciles', async () => {
    const informers = new Informers(client, { keepManagers: (manager) => manager === definition.name });
    const services: EngineServices = {
      client,
      clock: systemClock,
      events: new EventRecorder(client, systemClock, 'test'),
      log: pino({ level: 'silent' }),
      content: new ContentWatch({ client, log: pino({ level: 'silent' }), digestKey: async () => 'key' }),
      store: <T extends KubernetesObject>({ resource }: KindOf<T>) => informers.informer<T>(resource).store,
      hasSynced: ({ resource }) => informers.informer(resource).hasSynced,
    };
    const controller = new Controller(definition, services);
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
    await controller.stop();
    await informers.stop();
  });
});
