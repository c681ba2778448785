import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from './client.js';
import { ScriptedServer, type Exchange } from './test-support/scripted-server.js';

let server: ScriptedServer;
let client: Client;
let documents: Map<string, object>;

beforeEach(async () => {
  documents = new Map<string, object>([
    ['/api/v1', resources({ name: 'nodes', kind: 'Node', namespaced: false })],
    ['/apis/example.com', group('v1', 'v1beta1')],
    [
      '/apis/example.com/v1',
      resources(
        { name: 'widgets', kind: 'Widget', namespaced: true },
        { name: 'widgets/status', kind: 'Widget', namespaced: true },
      ),
    ],
    ['/apis/example.com/v1beta1', resources({ name: 'gadgets', kind: 'Gadget', namespaced: false })],
  ]);
  server = await ScriptedServer.start();
  server.always((exchange: Exchange) => {
    const document = documents.get(exchange.path);
    if (document === undefined) exchange.answer(404, '404 page not found\n');
    else exchange.answer(200, document);
  });
  client = new Client(server.connection);
});

afterEach(async () => {
  await client.close();
  await server.stop();
});

function resources(...list: readonly object[]): object {
  return { kind: 'APIResourceList', resources: list };
}

function group(preferred: string, ...others: readonly string[]): object {
  const versions = [...others, preferred].map((version) => ({ version }));
  return { kind: 'APIGroup', versions, preferredVersion: { version: preferred } };
}

describe('discover', () => {
  it('gives plural and scope', async () => {
    await expect(client.discover({ group: '', kind: 'Node' })).resolves.toEqual({
      group: '',
      version: 'v1',
      kind: 'Node',
      plural: 'nodes',
      namespaced: false,
    });
  });

  it('takes the preferred version, or another that has the kind', async () => {
    await expect(client.discover({ group: 'example.com', kind: 'Widget' })).resolves.toMatchObject({ version: 'v1' });
    await expect(client.discover({ group: 'example.com', kind: 'Gadget' })).resolves.toMatchObject({
      version: 'v1beta1',
    });
  });

  it('asks once, however many want to know', async () => {
    const query = { group: 'example.com', version: 'v1', kind: 'Widget' };

    await Promise.all([client.discover(query), client.discover(query)]);
    await client.discover(query);

    expect(server.exchanges).toHaveLength(1);
  });

  it('sees a kind that comes later', async () => {
    const query = { group: 'example.com', version: 'v1', kind: 'Gizmo' };
    await expect(client.discover(query)).rejects.toMatchObject({
      code: 'ERR_KUBE_KIND_NOT_SERVED',
      message:
        'The API server does not serve Gizmo in example.com, version v1; is its CustomResourceDefinition installed?',
    });

    documents.set('/apis/example.com/v1', resources({ name: 'gizmos', kind: 'Gizmo', namespaced: true }));

    await expect(client.discover(query)).resolves.toMatchObject({ plural: 'gizmos' });
  });

  it('says so when the whole group is missing', async () => {
    await expect(client.discover({ group: 'nobody.io', kind: 'X' })).rejects.toMatchObject({
      code: 'ERR_KUBE_KIND_NOT_SERVED',
    });
  });
});
