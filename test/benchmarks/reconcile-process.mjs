// The operator of a benchmark: each site has three children, and says in its status that they are there. It tells on
// standard output when it is ready, and to "report" what it has done since the last time.
import { createInterface } from 'node:readline';
import {
  Condition,
  conditions,
  ConfigMap,
  defineKind,
  defineModule,
  int64,
  Operator,
  Owns,
  Reconciler,
  Service,
  ServiceAccount,
  verdict,
  Watches,
} from '@trueup/core';
import { loadCluster } from '@trueup/kube';
import { pino } from 'pino';
import { z } from 'zod';
import { SITE } from './samples.mjs';

const Site = defineKind({
  group: SITE.group,
  kind: SITE.kind,
  versions: { [SITE.version]: {} },
  spec: z.object({ text: z.string() }),
  status: z.object({ conditions: conditions(), observedGeneration: int64() }).partial(),
});

/** When the touch came that has not been reconciled since, by the object. */
const touches = new Map();
const latestTouch = new Map();
let delaysMs = [];

class Sites {
  desired({ metadata: { name }, spec }) {
    const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }];
    return [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: spec.text } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, labels: { site: name } } },
      { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports } },
    ];
  }

  reconcile({ metadata: { name } }) {
    const came = touches.get(name);
    if (came === undefined) return;
    touches.delete(name);
    delaysMs.push(performance.now() - came);
  }

  ready() {
    return verdict.true('Served', 'served');
  }
}

const noting = {
  map({ metadata: { name, labels } }) {
    const touch = Number(labels?.touch ?? 0);
    if (touch > (latestTouch.get(name) ?? 0)) {
      latestTouch.set(name, touch);
      if (!touches.has(name)) touches.set(name, performance.now());
    }
    return [];
  },
};

// As decorators would, in plain JavaScript.
Reconciler(Site, { concurrency: 8 })(Sites);
Owns(ConfigMap, ServiceAccount, Service)(Sites);
Watches(Site, noting)(Sites);
Condition('Ready')(Sites.prototype, 'ready', Object.getOwnPropertyDescriptor(Sites.prototype, 'ready'));

const operator = await Operator.create({
  modules: [defineModule({ name: 'bench', kinds: [Site], reconcilers: [Sites] })],
  connection: await loadCluster(),
  logger: pino({ level: 'error' }, pino.destination(2)),
  digestKey: 'benchmark',
});
let writes = 0;
let conflicts = 0;
let reconciles = 0;
operator.client.onRequest(({ verb, status }) => {
  if (['get', 'list', 'watch'].includes(verb)) return;
  writes += 1;
  if (status === 409) conflicts += 1;
});
await operator.start();
say({ state: 'ready', ms: performance.now(), cpuMs: cpuMs() });

for await (const _ of createInterface({ input: process.stdin })) {
  say({
    cpuMs: cpuMs(),
    rssBytes: process.memoryUsage.rss(),
    reconciles: operator.reconcileCount - reconciles,
    writes,
    conflicts,
    delaysMs: distribution(delaysMs),
  });
  reconciles = operator.reconcileCount;
  writes = conflicts = 0;
  delaysMs = [];
}
process.exit();

function say(fields) {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}

function distribution(values) {
  const sorted = values.sort((one, other) => one - other);
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
