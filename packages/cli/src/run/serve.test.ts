import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { ConfigMap, defineKind, defineModule, installKinds, Owns, Reconciler, type ObjectOf } from '@trueup/core';
import { Client, clusterFromToken } from '@trueup/kube';
import { z } from 'zod';
import { defineApplication } from '../application.js';
import { operatorObjects } from '../generate/operator-objects.js';
import { operatorOptions } from './operator-options.js';
import { parseRunOptions } from './run-options.js';
import { serve } from './serve.js';

const Note = defineKind({
  group: 'example.com',
  kind: 'Note',
  versions: { v1: {} },
  spec: z.object({ text: z.string() }),
});

@Reconciler(Note)
@Owns(ConfigMap)
class NoteReconciler {
  desired({ metadata: { name }, spec }: ObjectOf<typeof Note>) {
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: spec.text } }];
  }
}

const application = defineApplication({
  name: 'notes',
  modules: [defineModule({ name: 'notes', kinds: [Note], reconcilers: [NoteReconciler] })],
  manifests: 'manifests',
});
const ANY_PORT = ['--metrics-bind-address', '127.0.0.1:0', '--health-probe-bind-address', '127.0.0.1:0'];
const BEFORE = { KUBECONFIG: process.env['KUBECONFIG'], WATCH_NAMESPACE: process.env['WATCH_NAMESPACE'] };

interface Line {
  readonly msg: string;
  readonly metrics?: string;
  readonly health?: string;
}

describe('an operator in a cluster', () => {
  let folder: string;
  let controlPlane: ControlPlane;
  let admin: Client;
  let stop: AbortController;
  let running: Promise<void>;
  let lines: Line[];
  let written: () => void;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-serve-'));
    controlPlane = await ControlPlane.start({ tls: false });
    await controlPlane.writeKubeconfig(path.join(folder, 'kubeconfig'));
    process.env['KUBECONFIG'] = path.join(folder, 'kubeconfig');
    admin = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    stop = new AbortController();
    lines = [];
    written = () => {};
  });
  afterEach(async () => {
    for (const [name, value] of Object.entries(BEFORE)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    stop.abort();
    await running.catch(() => {});
    await admin.close();
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (...argv: readonly string[]) => {
    const options = parseRunOptions(application.name, application.manifests, ['--in-cluster', ...argv]);
    const logs = {
      write(line: string) {
        lines.push(JSON.parse(line));
        written();
      },
    };
    running = serve(application, options, { signal: stop.signal, logs });
    return running;
  };
  const logged = async (message: string): Promise<Line> => {
    for (;;) {
      const line = lines.find(({ msg }) => msg === message);
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => (written = resolve));
    }
  };
  const createNote = (namespace: string) =>
    admin.create(Note.resource, {
      apiVersion: 'example.com/v1',
      kind: 'Note',
      metadata: { name: 'hello', namespace },
      spec: { text: 'hi' },
    });

  it('works in the namespaces of WATCH_NAMESPACE, tells that it is ready, and ends when it is told to', async () => {
    process.env['WATCH_NAMESPACE'] = 'team-a, team-b';
    await installKinds(admin, [Note], AbortSignal.timeout(10_000));
    for (const namespace of ['team-a', 'team-b', 'team-c']) {
      await admin.create(
        { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      );
      await createNote(namespace);
    }
    const made = new Set<string>();
    const isMade = (async () => {
      for await (const event of admin.watch(ConfigMap.resource, { signal: stop.signal })) {
        if (event.type !== 'BOOKMARK' && event.object.metadata.name === 'hello')
          made.add(event.object.metadata.namespace ?? '');
        if (made.size === 2) return;
      }
    })();
    const ended = start(...ANY_PORT);
    const { metrics = '', health = '' } = await logged('serving');
    await isMade;
    // Ready a moment later than started: as soon as every watch is under way.
    while ((await fetch(`${health}/readyz`)).status !== 200);
    expect((await fetch(`${health}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${metrics}/metrics`)).text()).toContain('controller_runtime_reconcile_total');
    expect([...made].sort()).toEqual(['team-a', 'team-b']);
    stop.abort();
    await ended;
    await expect(fetch(`${health}/healthz`)).rejects.toThrow();
  });

  it('installs and applies nothing by itself', async () => {
    await installKinds(admin, [Note], AbortSignal.timeout(10_000));
    const writes: string[] = [];
    controlPlane.requests.subscribe(({ verb, user }) => {
      if (['create', 'update', 'patch', 'delete'].includes(verb)) writes.push(`${user} ${verb}`);
    });
    const ended = start(...ANY_PORT);
    await logged('serving');
    stop.abort();
    await ended;
    expect(writes).toEqual([]);
  });

  it('does not start in namespaces that are none', async () => {
    process.env['WATCH_NAMESPACE'] = 'Team A';
    await expect(start(...ANY_PORT)).rejects.toThrow('WATCH_NAMESPACE: "Team A" is not the name of a namespace');
  });
});

describe('the options of an operator', () => {
  const optionsOf = (...argv: readonly string[]) => parseRunOptions('notes', 'manifests', argv);

  it('serve metrics and probes on known ports in a cluster, and nowhere on a laptop', () => {
    expect(optionsOf('--in-cluster')).toMatchObject({
      metricsBindAddress: ':8080',
      healthProbeBindAddress: ':8081',
      leaderElect: false,
      manifests: [],
    });
    expect(optionsOf()).toMatchObject({ metricsBindAddress: '0', healthProbeBindAddress: '0' });
    expect(optionsOf('--in-cluster', '--metrics-bind-address', '0', '--leader-elect')).toMatchObject({
      metricsBindAddress: '0',
      leaderElect: true,
    });
  });

  it.each([
    { argv: [], webhooks: { bindAddress: '127.0.0.1:0', address: 'local' } },
    { argv: ['--kubeconfig', 'k'], webhooks: undefined },
    {
      argv: ['--kubeconfig', 'k', '--webhook-url', 'https://me:9443'],
      webhooks: { bindAddress: ':9443', address: { url: 'https://me:9443' } },
    },
    { argv: ['--in-cluster'], webhooks: { bindAddress: ':9443', address: { service: {} } } },
    { argv: ['--in-cluster', '--webhook-bind-address', '0'], webhooks: undefined },
    {
      argv: ['--in-cluster', '--webhook-service', 'hooks', '--webhook-certificates', '/certs'],
      webhooks: { bindAddress: ':9443', address: { service: { name: 'hooks' } }, certificateFolder: '/certs' },
    },
  ])('serve webhooks where the API server reaches them: $argv', ({ argv, webhooks }) => {
    expect(operatorOptions(application, optionsOf(...argv)).webhooks).toEqual(webhooks);
  });

  it('are those that the generated Deployment gives', () => {
    const { deployment } = operatorObjects(application);
    expect(deployment).toMatchObject({
      spec: { template: { spec: { containers: [{ args: ['--leader-elect'] }] } } },
    });
    expect(optionsOf('--in-cluster', '--leader-elect').leaderElect).toBe(true);
  });
});
