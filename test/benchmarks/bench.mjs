// What the benchmarks share.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, clusterFromToken } from '@trueup/kube';

export const CONCURRENCY = 8;
export const SETTLE = { timeoutMs: 600_000 };
const READS = ['get', 'list', 'watch'];
const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

/** The API server in a process of its own, so that stalls and memory are the operator's. */
export async function startServer({ tls = true } = {}) {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [tls ? '--tls' : '--plain']);
  const [{ startedInMs, url, token, caCertificate }] = await once(child, 'message');
  const connection = () => clusterFromToken({ server: url, token, ...(caCertificate && { ca: caCertificate }) });
  return { startedInMs, url, token, connection, client: new Client(connection()), stop: () => child.kill() };
}

export async function makeNamespace(client, name) {
  await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** Counts what an operator asks for: writes by kind, and lists. */
export function countRequests(operator) {
  const counts = { writes: 0, lists: 0, writesOf: {} };
  operator.client.onRequest(({ verb, resource }) => {
    if (verb === 'list') counts.lists += 1;
    if (READS.includes(verb)) return;
    counts.writes += 1;
    counts.writesOf[resource.kind] = (counts.writesOf[resource.kind] ?? 0) + 1;
  });
  return {
    counts,
    forget: () => Object.assign(counts, { writes: 0, lists: 0, writesOf: {} }),
  };
}

export async function inParallel(items, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
    }),
  );
}

export async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

export const ratio = (value, base) => (value / base).toFixed(2);

/** One line of the table: what, how much, and what it should be. */
export function report(what, value, goal = '') {
  process.stdout.write(`${what.padEnd(64)} ${String(value).padStart(14)}   ${goal}\n`);
}
