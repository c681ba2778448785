// One operator, written with Trueup and with controller-runtime: three children an object, eight reconciles at once, the same
// server. Each brings up so many objects, is left alone, is sent events, and is started anew.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, clusterFromToken } from '@trueup/kube';
import { CONCURRENCY, inParallel, report } from './bench.mjs';
import { buildPeer, withKubeconfig } from './peers/peer.mjs';
import { aSite, SITE } from './samples.mjs';

const QUIET_MS = 10_000;
const EVENTS = 10_000;
const EVENTS_A_SECOND = 1_000;
/** A server that cannot keep up is not asked for more. */
const MOST_AT_ONCE = 32;

export async function benchReconcile(count) {
  const peer = await buildPeer();
  await floor(count);
  await run('Trueup', count, [process.execPath, pathOf('reconcile-process.mjs')]);
  if (peer) await run('controller-runtime', count, [peer, 'reconcile']);
}

async function floor(count) {
  const server = fork(pathOf('samples-process.mjs'), ['0']);
  const [cluster] = await once(server, 'message');
  const caller = fork(pathOf('reconcile-floor-process.mjs'), [String(count)]);
  caller.send(cluster);
  const [{ ms, cpuMs, rssBytes }] = await once(caller, 'message');
  report(`floor: ${count * 4} writes from bare Node, ${CONCURRENCY} at a time: CPU`, `${seconds(cpuMs)} s`);
  report('  time, memory (RSS)', `${seconds(ms)} s, ${Math.round(rssBytes / 1e6)} MB`);
  caller.kill();
  server.kill();
}

async function run(name, count, command) {
  const server = fork(pathOf('samples-process.mjs'), ['0']);
  const [cluster] = await once(server, 'message');
  const { url, token, caCertificate: ca } = cluster;
  const client = new Client(clusterFromToken({ server: url, token, ca }));
  try {
    await withKubeconfig(cluster, async (kubeconfig) => {
      const sites = Array.from({ length: count }, (_, index) => aSite(index));
      await inParallel(sites, (site) => client.create(SITE, site));
      report(`${name}: ${count} objects with three children each`, '');
      const operator = await start(command, kubeconfig);
      await bringUp(client, count, operator);
      await leaveAlone(operator);
      await sendEvents(client, sites, operator);
      await operator.stop();
      const anew = await start(command, kubeconfig);
      report(`  started anew: until its caches are filled`, `${seconds(anew.ready.ms)} s`);
      await anew.atRest();
      const { reconciles, writes, rssBytes } = await anew.report();
      report('  started anew: reconciles, writes', `${reconciles}, ${writes}`, `${count}, 0`);
      report('  started anew: memory (RSS) at rest', `${Math.round(rssBytes / 1e6)} MB`);
      await anew.stop();
    });
  } finally {
    await client.close();
    server.kill();
  }
}

async function bringUp(client, count, operator) {
  const begin = performance.now();
  const unready = new Set(Array.from({ length: count }, (_, index) => aSite(index).metadata.name));
  const done = new AbortController();
  for await (const { type, object } of client.watch(SITE, { signal: done.signal })) {
    if (type !== 'BOOKMARK' && object.status?.conditions?.some(({ status }) => status === 'True')) {
      unready.delete(object.metadata.name);
    }
    if (unready.size === 0) done.abort();
  }
  const ms = performance.now() - begin;
  await operator.atRest();
  const { reconciles, conflicts, writes, cpuMs, rssBytes } = await operator.report();
  report('  brought up: reconciles, of them wasted', `${reconciles}, ${reconciles - count}`, `${count}, 0`);
  report('  brought up: reconciles a second', Math.round((reconciles / ms) * 1000));
  report('  brought up: conflicts', conflicts, '0');
  report('  brought up: writes', writes, String(count * 4));
  report('  brought up: CPU per 1,000 objects', `${seconds(((cpuMs - operator.ready.cpuMs) / count) * 1000)} s`);
  report('  brought up: time, memory (RSS)', `${seconds(ms)} s, ${Math.round(rssBytes / 1e6)} MB`);
}

async function leaveAlone(operator) {
  await pause(QUIET_MS);
  const { reconciles, writes } = await operator.report();
  report(`  left alone for ${QUIET_MS / 1000} s: reconciles, writes`, `${reconciles}, ${writes}`, '0, 0');
}

async function sendEvents(client, sites, operator) {
  const begin = performance.now();
  let sent = 0;
  const send = async () => {
    while (sent < EVENTS) {
      const { metadata } = sites[sent % sites.length];
      const touch = ++sent;
      const dueMs = begin + (touch / EVENTS_A_SECOND) * 1000;
      await pause(Math.max(0, dueMs - performance.now()));
      await client.mergePatch(SITE, metadata, { metadata: { labels: { touch: String(touch) } } });
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, send));
  const rate = EVENTS / ((performance.now() - begin) / 1000);
  await operator.atRest();
  const { reconciles, writes, delaysMs } = await operator.report();
  report(
    `  ${Math.round(rate)} events a second: reconciles, writes`,
    `${reconciles}, ${writes}`,
    'at most one each, 0',
  );
  report('  event to reconcile, median', `${delaysMs.p50?.toFixed(2)} ms`);
  report('  event to reconcile, 99th percentile', `${delaysMs.p99?.toFixed(2)} ms`, 'under 5 ms');
}

/** Starts an operator and waits until it is ready. */
async function start([program, ...args], kubeconfig) {
  const child = spawn(program, args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const ready = await next();
  let unreported = [];
  const ask = async () => {
    child.stdin.write('report\n');
    return next();
  };
  return {
    ready,
    /** What it has done since the last report. */
    async report() {
      const parts = [...unreported, await ask()];
      unreported = [];
      const sum = (field) => parts.reduce((total, part) => total + part[field], 0);
      const { cpuMs, rssBytes } = parts.at(-1);
      // All but the busiest stretch were too short to tell anything.
      const { delaysMs } = parts.reduce((one, other) => (one.delaysMs.count > other.delaysMs.count ? one : other));
      return {
        reconciles: sum('reconciles'),
        writes: sum('writes'),
        conflicts: sum('conflicts'),
        delaysMs,
        cpuMs,
        rssBytes,
      };
    },
    /** Resolves when it has done nothing for a second. */
    async atRest() {
      for (let isBusy = true; isBusy;) {
        await pause(1000);
        const part = await ask();
        unreported.push(part);
        isBusy = part.reconciles > 0;
      }
    },
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

const seconds = (ms) => (ms / 1000).toFixed(2);

function pathOf(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
