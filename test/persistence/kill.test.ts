import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadCluster } from '@trueup/kube';
import { ApiClient } from '../conformance/api-client.js';
import type { Json } from '../conformance/json.js';
import { valueAt } from '../conformance/value-path.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const WRITERS = 8;
/** After how many answers each server is killed; a little more each time, so that it is hit at any moment. */
const KILLS = [1, 2, 5, 13, 34, 89, 144, 200];
const TIMEOUT_MS = 120_000;

/** What a writer's n-th write leaves: every fifth removes its object, the others set a value. */
const valueAfter = (write: number): Json | undefined => (write % 5 === 0 ? undefined : String(write));

describe('a control plane that keeps its data and is killed', () => {
  let folder: string;
  let child: ChildProcess;
  let client: ApiClient;
  /** How many writes of each writer were answered. */
  const answered = Array.from({ length: WRITERS }, () => 0);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-kill-'));
    await promisify(execFile)('npx', ['tsc', '-b', 'packages/control-plane'], { cwd: ROOT });
  }, TIMEOUT_MS);
  afterAll(async () => {
    child.kill('SIGKILL');
    await client.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const kubeconfig = path.join(folder, 'kubeconfig');
    const program = path.join(ROOT, 'packages/control-plane/dist/bin.js');
    const args = [program, '--data', path.join(folder, 'data'), '--write-kubeconfig', kubeconfig];
    child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (child.stdout) await once(createInterface({ input: child.stdout }), 'line');
    client = new ApiClient(await loadCluster({ kubeconfig }));
  }

  const request = (method: string, name: string, body?: Json) =>
    client.request({
      method,
      path: `${CONFIG_MAPS}/${name}${method === 'PATCH' ? '?fieldManager=test&force=true' : ''}`,
      headers: { 'Content-Type': 'application/apply-patch+yaml' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });

  async function write(writer: number): Promise<void> {
    const next = (answered[writer] ?? 0) + 1;
    const [name, value] = [`writer-${String(writer)}`, valueAfter(next)];
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: value ?? '' } };
    const reply = value === undefined ? await request('DELETE', name) : await request('PATCH', name, object);
    // A deletion of before may have been done without an answer.
    if (reply.status >= 300 && reply.status !== 404) throw new Error(reply.text);
    answered[writer] = next;
  }

  async function writeUntilKilled(afterAnswers: number): Promise<void> {
    let count = 0;
    const work = async (writer: number): Promise<void> => {
      for (;;) {
        await write(writer);
        count += 1;
        if (count === afterAnswers) child.kill('SIGKILL');
      }
    };
    const ended = once(child, 'exit');
    await Promise.allSettled(answered.map((_, writer) => work(writer)));
    await ended;
    await client.close();
  }

  it(
    'has everything that it ever said was done',
    async () => {
      await start();
      for (const afterAnswers of KILLS) {
        await writeUntilKilled(afterAnswers);
        await start();
        for (const [writer, last] of answered.entries()) {
          const { json } = await request('GET', `writer-${String(writer)}`);
          const found = valueAt(json, 'data.value');
          // The write that was under way may have been done or not.
          expect([valueAfter(last), valueAfter(last + 1)]).toContainEqual(found);
        }
      }
      expect(Math.min(...answered)).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );
});
