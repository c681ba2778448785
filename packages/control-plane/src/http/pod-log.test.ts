import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { PlainClient } from '../control-plane.test-support.js';

const PODS = '/api/v1/namespaces/default/pods';
const START = Date.parse('2026-01-01T00:00:00Z');

describe('the log of a pod', () => {
  let controlPlane: ControlPlane;
  let client: PlainClient;
  let nowMs = START;

  beforeEach(async () => {
    nowMs = START;
    controlPlane = await ControlPlane.start({ tls: false, clock: () => new Date(nowMs) });
    client = new PlainClient(controlPlane);
  });
  afterEach(() => controlPlane.stop());

  async function createPod(name: string, ...containers: string[]): Promise<void> {
    await client.post(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: containers.map((container) => ({ name: container, image: `example.com/${container}` })) },
    });
    await controlPlane.settle();
  }

  const fetchLog = (query: string, signal?: AbortSignal) =>
    fetch(`${controlPlane.url}${PODS}/web/log?${query}`, {
      headers: { Authorization: `Bearer ${controlPlane.token}` },
      ...(signal ? { signal } : {}),
    });
  const log = async (query = '') => {
    const response = await fetchLog(query);
    return response.ok ? response.text() : ((await response.json()) as { message: string }).message;
  };

  it('is what was written to it, by a test and by what stands in for an image', async () => {
    controlPlane.workloads?.onImage(/web/, ({ log: write }) => {
      write('listening\n');
    });
    await createPod('web', 'web');
    nowMs += 60_000;
    controlPlane.workloads?.log({ namespace: 'default', name: 'web' }, 'one\ntwo');

    expect(await log()).toBe('listening\none\ntwo\n');
    expect(await log('tailLines=1')).toBe('two\n');
    expect(await log('sinceSeconds=30')).toBe('one\ntwo\n');
    expect(await log('sinceTime=2026-01-01T00:00:30Z&timestamps=true&tailLines=1')).toBe(
      '2026-01-01T00:01:00.000Z two\n',
    );
    expect(await log('limitBytes=4')).toBe('list');
    expect(await log('tailLines=-1')).toBe('tailLines: must be an integer from 0');
  });

  it('is followed until the pod is gone', async () => {
    await createPod('web', 'web');
    controlPlane.workloads?.log({ namespace: 'default', name: 'web' }, 'before');
    const response = await fetchLog('follow=true');
    controlPlane.workloads?.log({ namespace: 'default', name: 'web' }, 'after');
    await client.delete(`${PODS}/web`);

    expect(await response.text()).toBe('before\nafter\n');
    await createPod('web', 'web');
    expect(await log()).toBe('');
  });

  it('needs a container that there is and that came up', async () => {
    await createPod('web', 'web', 'sidecar');
    expect(await log('container=sidecar')).toBe('');
    expect(await log()).toBe('a container name must be specified for pod web, choose one of: [web sidecar]');
    expect(await log('container=other')).toBe('container other is not valid for pod web');
    expect(await log('container=web&previous=true')).toBe('previous terminated container "web" in pod "web" not found');

    controlPlane.workloads?.behave({ namespace: 'default', name: 'web', behaviour: 'crash' });
    await controlPlane.settle();
    expect(await log('container=web&previous=true')).toBe('');
    expect(() => controlPlane.workloads?.log({ namespace: 'default', name: 'nobody' }, 'x')).toThrow(
      'there is no pod default/nobody',
    );
  });
});
