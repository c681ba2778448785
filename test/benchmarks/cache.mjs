// How long it takes to fill a cache, and what it then weighs: Trueup's, against bare HTTP with JSON.parse, the informer of
// @kubernetes/client-node, and controller-runtime. Each in a process of its own, on one server, one after the other.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ratio, report } from './bench.mjs';
import { aSample } from './samples.mjs';
import { buildPeer, withKubeconfig } from './peers/peer.mjs';

const ROUNDS = 3;

export async function benchCache(count) {
  const server = fork(pathOf('samples-process.mjs'), [String(count)], { execArgv: ['--max-old-space-size=8192'] });
  try {
    const [cluster] = await once(server, 'message');
    const peer = await buildPeer();
    await withKubeconfig(cluster, async (kubeconfig) => {
      const contenders = {
        floor: () => inNode('floor', cluster),
        'floor, stripped': () => inNode('floor-stripped', cluster),
        'Trueup, streamed': () => inNode('trueup', cluster),
        'Trueup, in pages': () => inNode('trueup-pages', cluster),
        "client-node's informer": () => inNode('client-node', cluster),
        ...(peer && {
          'controller-runtime': () => inGo(peer, kubeconfig, []),
          'controller-runtime, stripped': () => inGo(peer, kubeconfig, ['stripped']),
        }),
      };
      const results = new Map();
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, run] of Object.entries(contenders)) {
          const result = await run();
          if (result.count !== count) throw new Error(`${name} holds ${result.count} of ${count} objects`);
          const best = results.get(name);
          results.set(name, best === undefined ? result : better(best, result));
        }
      }
      tell(count, results);
    });
  } finally {
    server.kill();
  }
}

/** Of several runs the least of each: what else the machine did only ever adds. */
function better(one, other) {
  return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, Math.min(value, other[key])]));
}

function tell(count, results) {
  const { managedFields: _, ...metadata } = { ...aSample(0).metadata };
  const json = JSON.stringify({ ...aSample(0), metadata }).length;
  const floor = results.get('floor');
  report(`${count} custom resources, ${json} bytes of JSON each without managedFields`, '');
  for (const [name, { ms, cpuMs, stallMs, heapBytes, rssBytes }] of results) {
    report(`  ${name}: time until filled`, `${(ms / 1000).toFixed(1)} s`, `${ratio(ms, floor.ms)} x floor`);
    report(`  ${name}: CPU`, `${(cpuMs / 1000).toFixed(1)} s`, `${ratio(cpuMs, floor.cpuMs)} x floor`);
    if (stallMs !== undefined) report(`  ${name}: longest event-loop stall`, `${stallMs.toFixed(0)} ms`);
    report(`  ${name}: heap, resident memory an object`, `${bytes(heapBytes / count)}, ${bytes(rssBytes / count)}`);
  }
}

const bytes = (value) => `${(value / 1000).toFixed(1)} kB`;

async function inNode(mode, cluster) {
  const child = fork(pathOf('cache-process.mjs'), [mode], { execArgv: ['--expose-gc', '--max-old-space-size=8192'] });
  child.send(cluster);
  const [result] = await once(child, 'message');
  child.kill();
  return result;
}

async function inGo(peer, kubeconfig, args) {
  const { stdout } = await promisify(execFile)(peer, ['cache', ...args], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  return JSON.parse(stdout);
}

function pathOf(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
