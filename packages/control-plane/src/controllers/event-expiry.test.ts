import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Api, ResourceName } from './api.js';
import { makeApi, settle } from './controllers.test-support.js';
import { EventExpiry } from './event-expiry.js';
import { EVENTS } from './resource-names.js';

const NEW_EVENTS: ResourceName = { group: 'events.k8s.io', plural: 'events' };
const MINUTE_MS = 60_000;

describe('EventExpiry', () => {
  let api: Api;
  let expiry: EventExpiry;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = Date.parse('2026-01-01T00:00:00Z');
    api = await makeApi();
    expiry = new EventExpiry({ clock: () => new Date(nowMs) });
    expiry.start(api);
  });
  afterEach(() => {
    expiry.stop();
  });

  const create = (name: string) =>
    api.create(EVENTS, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
    });
  const names = () => api.list(EVENTS, 'default').map(({ metadata }) => metadata.name);
  const pass = (minutes: number) => {
    nowMs += minutes * MINUTE_MS;
    expiry.wake();
    return settle([expiry]);
  };

  it('removes an event an hour after it was written', async () => {
    await create('early');
    await pass(30);
    await create('late');
    await pass(29);
    expect(names()).toEqual(['early', 'late']);

    await pass(1);
    expect(names()).toEqual(['late']);
    await pass(30);
    expect(names()).toEqual([]);
  });

  it('begins the hour anew when an event is counted up, through either API group', async () => {
    await create('a');
    await pass(50);
    await api.update(NEW_EVENTS, 'default', 'a', (draft) => {
      draft['deprecatedCount'] = 2;
    });
    await pass(50);
    expect(names()).toEqual(['a']);

    await pass(10);
    expect(names()).toEqual([]);
  });

  it('gives those that are there when it starts an hour', async () => {
    expiry.stop();
    await create('a');
    expiry.start(api);
    await pass(59);
    expect(names()).toEqual(['a']);

    await pass(1);
    expect(names()).toEqual([]);
  });
});
