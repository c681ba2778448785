import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken, isNotFound } from '@trueup/kube';
import fc from 'fast-check';
import { pino } from 'pino';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import { Operator } from '../operator/operator.js';
import type { Context } from './context.js';
import type { DesiredObject } from './reconciler.js';

const RUNS = Number(process.env['FC_RUNS'] ?? 12);

const Ledger = defineKind({
  group: 'writes.example.com',
  kind: 'Ledger',
  versions: { v1: {} },
  spec: z.object({ entry: z.int() }),
});

/** The entry that was last written, by object; and what a later pass read instead. */
const written = new Map<string, string>();
const staleReads: string[] = [];

@Reconciler(Ledger)
@Owns(ConfigMap)
class LedgerReconciler {
  desired({ metadata: { name }, spec }: ObjectOf<typeof Ledger>, ctx: Context): DesiredObject[] {
    const before = written.get(name);
    const read = ctx.get(ConfigMap, name)?.data;
    // Somebody else may have changed the entry; an older one of ours is what must not be there.
    if (before !== undefined && read?.['by'] !== 'somebody' && read?.['entry'] !== before)
      staleReads.push(`${name}: read ${read?.['entry']} after ${before} was written`);
    const entry = String(spec.entry);
    written.set(name, entry);
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { entry } }];
  }
}

const ledgers = defineModule({ name: 'ledgers', kinds: [Ledger], reconcilers: [LedgerReconciler] });

/** What may happen between two writes of ours. */
const STEPS = [
  'edit',
  'change the child',
  'change our field',
  'stall',
  'go on',
  'expire',
  'repeat events',
  'wait',
] as const;
type Step = (typeof STEPS)[number];

describe.each(['ordered', 'opaque'] as const)('what a reconcile writes, where versions are %s', (versions) => {
  let controlPlane: ControlPlane;
  let proxy: Server | undefined;
  let client: Client;
  let operator: Operator;
  let runs = 0;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    const direct = { server: controlPlane.url, token: controlPlane.token };
    client = new Client(clusterFromToken(direct));
    proxy = versions === 'opaque' ? await opaqueVersions(controlPlane.url) : undefined;
    const server = proxy === undefined ? direct.server : `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    operator = await Operator.create({
      modules: [ledgers],
      connection: clusterFromToken({ ...direct, server }),
      logger: pino({ level: 'silent' }),
      digestKey: 'test',
    });
    await operator.installKinds();
    await operator.start();
  });
  afterEach(() => controlPlane.faults.clear());
  afterAll(async () => {
    await operator.stop();
    await client.close();
    proxy?.closeAllConnections();
    proxy?.close();
    await controlPlane.stop();
  });

  const apply = (name: string, entry: number) =>
    client.apply(
      Ledger.resource,
      {
        apiVersion: 'writes.example.com/v1',
        kind: 'Ledger',
        metadata: { name, namespace: 'default' },
        ...{ spec: { entry } },
      },
      { fieldManager: 'user' },
    );

  it('is what the next one reads, whatever others do meanwhile, and causes none by itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom<Step>(...STEPS), { maxLength: 12 }), async (steps) => {
        runs += 1;
        const name = `${versions}-${runs}`;
        const child = { name, namespace: 'default' };
        const patchChild = (data: object) =>
          client.mergePatch(ConfigMap.resource, child, { data }).catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
        let entry = 0;
        await apply(name, entry);
        await operator.settle();
        const reconcilesBefore = operator.reconcileCount;
        let causes = 0;
        let goOn = (): void => undefined;
        for (const step of steps) {
          if (step === 'edit') await apply(name, ++entry);
          if (step === 'change the child') await patchChild({ note: `${causes}` });
          if (step === 'change our field') await patchChild({ entry: 'forged', by: 'somebody' });
          if (step === 'edit' || step.startsWith('change')) causes += 1;
          if (step === 'stall') {
            goOn();
            goOn = controlPlane.faults.inject({ type: 'stall-watch', match: { resource: 'configmaps' } });
          }
          if (step === 'go on') goOn();
          if (step === 'expire') {
            goOn();
            controlPlane.faults.inject({ type: 'expire-watch', times: 1, match: { resource: 'configmaps' } });
          }
          if (step === 'repeat events') controlPlane.faults.inject({ type: 'repeat-events', times: 1 });
          if (step === 'wait') await new Promise((resolve) => setImmediate(resolve));
        }
        goOn();
        controlPlane.faults.clear();
        await operator.settle();
        expect(operator.reconcileCount - reconcilesBefore).toBeLessThanOrEqual(causes);
        expect((await client.get<ConfigMap>(ConfigMap.resource, child)).data?.['entry']).toBe(String(entry));
        expect(staleReads).toEqual([]);
      }),
      { numRuns: versions === 'ordered' ? RUNS : Math.ceil(RUNS / 2), seed: Number(process.env['FC_SEED'] ?? 1) },
    );
  });

  it('is looked at once for one change of a child', async () => {
    const name = `${versions}-once`;
    await apply(name, 1);
    await operator.settle();
    const before = operator.reconcileCount;
    await client.mergePatch(ConfigMap.resource, { name, namespace: 'default' }, { data: { note: 'x' } });
    await operator.settle();
    expect(operator.reconcileCount - before).toBe(1);
  });

  it('comes back over the watch without causing another pass', async () => {
    const name = `${versions}-echo`;
    await apply(name, 1);
    await operator.settle();
    const before = operator.reconcileCount;
    for (let entry = 2; entry <= 6; entry += 1) {
      await apply(name, entry);
      await operator.settle();
    }
    expect(operator.reconcileCount - before).toBe(5);
  });
});

/** A server whose versions are words: nobody can say which of two is newer. */
async function opaqueVersions(target: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void forward(incoming).catch(() => outgoing.destroy());

    async function forward({ url = '/', method, headers }: IncomingMessage): Promise<void> {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks)
        .toString()
        .replaceAll(/"version-(\d+)"/g, '"$1"');
      const { 'content-length': _, 'accept-encoding': _encoding, ...kept } = headers;
      const onward = request(`${target}${url.replaceAll(/version-(\d+)/g, '$1')}`, { method, headers: kept });
      onward.end(body);
      const [answer] = (await once(onward, 'response')) as [IncomingMessage];
      const { 'content-length': _length, ...told } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 500, told);
      outgoing.flushHeaders();
      outgoing.once('close', () => onward.destroy());
      let rest = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) outgoing.write(`${worded(line)}\n`);
      });
      answer.once('end', () => outgoing.end(worded(rest)));
      answer.once('error', () => outgoing.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function worded(text: string): string {
  return text.replaceAll(/"resourceVersion":"(\d+)"/g, '"resourceVersion":"version-$1"');
}
