import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { clockOf } from '../clock.js';
import type { KubeObject } from '../object.js';
import type { Resource } from '../resources/resource.js';
import { Store } from '../storage/store.js';
import { parseListOptions } from './query-options.js';
import { WatchStream } from './watch-stream.js';

const CONFIG_MAPS: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  listKind: 'ConfigMapList',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  custom: false,
  schema: {},
  subresources: { status: false },
  strategy: { allowUnconditionalUpdate: true, allowCreateOnUpdate: false, deleteReply: 'status' },
  selectableFields: {},
  columns: [],
};

/** A client that takes what it is sent, or lets it pile up. */
class Client extends EventEmitter {
  readonly lines: string[] = [];
  writableLength = 0;
  writableEnded = false;
  destroyed = false;

  constructor(private readonly isStuck: boolean) {
    super();
  }

  flushHeaders(): void {}

  write(text: string): void {
    this.lines.push(text);
    if (this.isStuck) this.writableLength += text.length;
  }

  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }

  types(): unknown[] {
    return this.lines.map((line) => (JSON.parse(line) as { type: string }).type);
  }
}

function aConfigMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a' }, data };
}

function watching(store: Store, client: Client, query: string): void {
  const stream = new WatchStream(
    {
      store,
      resource: CONFIG_MAPS,
      namespace: 'a',
      list: parseListOptions(new URLSearchParams(query), true),
      form: {
        accepted: { encoding: 'json', form: 'object', formVersion: 'v1', pretty: false },
        includeObject: 'Metadata',
      },
      clock: clockOf(() => new Date(0)),
      followFaults: () => () => undefined,
      dropsBookmark: () => false,
      meetEvent: () => 'proceed',
    },
    client as unknown as ServerResponse,
  );
  stream.start();
}

describe('WatchStream', () => {
  it('sends what happened after the resourceVersion and what happens from then on, each once', () => {
    const store = new Store();
    const table = store.table('configmaps');
    table.add(aConfigMap('before'));
    const version = store.version;
    table.add(aConfigMap('between'));
    const client = new Client(false);

    watching(store, client, `watch=true&resourceVersion=${String(version)}`);
    table.add(aConfigMap('after'));

    expect(client.types()).toEqual(['ADDED', 'ADDED']);
    expect(client.lines.join('')).not.toContain('before');
    client.end();
  });

  it('drops a client that does not take its events, and does not hold up the others', () => {
    const store = new Store();
    const table = store.table('configmaps');
    const [stuck, eager] = [new Client(true), new Client(false)];
    watching(store, stuck, 'watch=true');
    watching(store, eager, 'watch=true');

    table.add(aConfigMap('big', { k: 'x'.repeat(9_000_000) }));
    table.replace(aConfigMap('big', { k: 'y'.repeat(9_000_000) }));
    table.replace(aConfigMap('big'));

    expect(stuck.destroyed).toBe(true);
    expect(stuck.lines).toHaveLength(2);
    expect(eager.types()).toEqual(['ADDED', 'MODIFIED', 'MODIFIED']);
    eager.end();
  });

  it('sends a long list no faster than its client takes it, and what happens meanwhile after it', async () => {
    const store = new Store();
    const table = store.table('configmaps');
    for (const name of ['first', 'second', 'third']) table.add(aConfigMap(name, { k: 'x'.repeat(1_100_000) }));
    const client = new Client(true);

    watching(store, client, 'watch=true&allowWatchBookmarks=true');
    table.add(aConfigMap('late'));
    const sent = [client.lines.length];
    for (let turn = 0; turn < 3; turn++) {
      client.writableLength = 0;
      client.emit('drain');
      await new Promise((resolve) => setImmediate(resolve));
      sent.push(client.lines.length);
    }

    expect(sent).toEqual([1, 2, 3, 5]);
    expect(client.types()).toEqual(['ADDED', 'ADDED', 'ADDED', 'BOOKMARK', 'ADDED']);
    client.end();
  });

  it('listens no longer when its client has gone', () => {
    const store = new Store();
    const client = new Client(false);
    watching(store, client, 'watch=true');
    client.end();

    store.table('configmaps').add(aConfigMap('a'));

    expect(client.lines).toEqual([]);
  });
});
