import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken, systemClock, type ClusterConnection } from '@trueup/kube';
import { until } from '@trueup/testing/until';
import { pino } from 'pino';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition, ConditionFamily } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { SpecError } from '../errors.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import { Operator } from '../operator/operator.js';
import type { OperatorOptions } from '../operator/operator-options.js';
import { done, requeueAfter, type Outcome } from '../engine/outcome.js';
import { parseBindAddress } from './bind-address.js';

const Gadget = defineKind({
  group: 'endpoints.example.com',
  kind: 'Gadget',
  versions: { v1: {} },
  spec: z.object({ does: z.enum(['well', 'later', 'spec', 'mistake', 'hang']) }),
  status: z.object({ conditions: conditions() }).partial(),
});
type Gadget = ObjectOf<typeof Gadget>;

let release: () => void = () => undefined;
const attempts = new Map<string, number>();

@Reconciler(Gadget, { deadlineMs: 1_000 })
@Owns(ConfigMap)
class GadgetReconciler {
  @Condition('Useful')
  useful({ spec }: Gadget): Verdict {
    return spec.does === 'spec' ? verdict.false('Useless', 'spec.does is "spec"') : verdict.true('Useful');
  }

  @ConditionFamily('Part-')
  parts(): Record<string, Verdict> {
    return { a: verdict.true('Known'), b: verdict.true('Known') };
  }

  async reconcile({ metadata: { name }, spec }: Gadget): Promise<Outcome> {
    const attempt = (attempts.get(name) ?? 0) + 1;
    attempts.set(name, attempt);
    if (spec.does === 'later') return requeueAfter(60_000);
    if (spec.does === 'spec') throw new SpecError('spec.does is "spec"');
    if (spec.does === 'mistake' && attempt === 1) throw new TypeError('undefined is not a gadget');
    if (spec.does === 'hang' && attempt === 1) await new Promise<void>((resolve) => (release = resolve));
    return done;
  }
}

const gadgets = defineModule({ name: 'gadgets', kinds: [Gadget], reconcilers: [GadgetReconciler] });

describe('what an operator serves', () => {
  let controlPlane: ControlPlane;
  let connection: ClusterConnection;
  let client: Client;
  let operator: Operator;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    connection = clusterFromToken({ server: controlPlane.url, token: controlPlane.token });
    client = new Client(connection);
  });
  afterEach(() => operator.stop());
  afterAll(async () => {
    await client.close();
    await controlPlane.stop();
  });

  const create = async (options: Partial<OperatorOptions>): Promise<Operator> => {
    operator = await Operator.create({ modules: [gadgets], connection, logger: pino({ level: 'silent' }), ...options });
    await operator.installKinds();
    return operator;
  };
  const aGadget = (name: string, does: string) =>
    client.apply(
      Gadget.resource,
      {
        apiVersion: 'endpoints.example.com/v1',
        kind: 'Gadget',
        metadata: { name, namespace: 'default' },
        ...{ spec: { does } },
      },
      { fieldManager: 'test' },
    );
  const get = async (path: string): Promise<{ status: number; body: string }> => {
    const response = await fetch(`${operator.healthUrl}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const answered = async (path: string, status: number): Promise<string> => {
    let answer = await get(path);
    await until(async () => {
      answer = await get(path);
      return answer.status === status;
    });
    return answer.body;
  };

  it('measures under the names of controller-runtime and client-go, and more', async () => {
    await create({ metricsBindAddress: '127.0.0.1:0' });
    await operator.start();
    for (const does of ['well', 'later', 'spec', 'mistake']) await aGadget(does, does);
    await operator.settle();

    const response = await fetch(`${operator.metricsUrl}/metrics`);
    const text = await response.text();
    const lines = text.split('\n');
    const valueOf = (series: string): number =>
      Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length));

    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const controller = 'controller="gadget-controller"';
    expect({
      success: valueOf(`controller_runtime_reconcile_total{${controller},result="success"}`) >= 2,
      later: valueOf(`controller_runtime_reconcile_total{${controller},result="requeue_after"}`),
      requeue: valueOf(`controller_runtime_reconcile_total{${controller},result="requeue"}`),
      failed: valueOf(`controller_runtime_reconcile_total{${controller},result="error"}`),
      errors: valueOf(`controller_runtime_reconcile_errors_total{${controller}}`),
      terminal: valueOf(`controller_runtime_terminal_reconcile_errors_total{${controller}}`),
      panics: valueOf(`controller_runtime_reconcile_panics_total{${controller}}`),
      timeouts: valueOf(`controller_runtime_reconcile_timeouts_total{${controller}}`),
      workers: valueOf(`controller_runtime_active_workers{${controller}}`),
      concurrency: valueOf(`controller_runtime_max_concurrent_reconciles{${controller}}`),
      retried: valueOf(`workqueue_retries_total{${controller},name="gadget-controller"}`),
      depth: valueOf(`workqueue_depth{${controller},name="gadget-controller"}`),
      unfinished: valueOf(`workqueue_unfinished_work_seconds{${controller},name="gadget-controller"}`),
      longest: valueOf(`workqueue_longest_running_processor_seconds{${controller},name="gadget-controller"}`),
      byObject: valueOf(`trueup_reconcile_causes_total{${controller},cause="object"}`) >= 4,
      byRetry: valueOf(`trueup_reconcile_causes_total{${controller},cause="retry"}`),
      cached: valueOf('trueup_cache_objects{group="endpoints.example.com",kind="Gadget"}'),
      cachedBytes: valueOf('trueup_cache_bytes{group="endpoints.example.com",kind="Gadget"}') > 4 * 200,
      connected: valueOf('trueup_watch_connected{group="endpoints.example.com",kind="Gadget"}'),
      useful: valueOf(
        'trueup_conditions{group="endpoints.example.com",kind="Gadget",condition="Useful",status="True"}',
      ),
      useless: valueOf(
        'trueup_conditions{group="endpoints.example.com",kind="Gadget",condition="Useful",status="False"}',
      ),
      parts: valueOf('trueup_conditions{group="endpoints.example.com",kind="Gadget",condition="Part-",status="True"}'),
    }).toEqual({
      success: true,
      later: 1,
      requeue: 0,
      failed: 2,
      errors: 2,
      terminal: 1,
      panics: 1,
      timeouts: 0,
      workers: 0,
      concurrency: 8,
      retried: 1,
      depth: 0,
      unfinished: 0,
      longest: 0,
      byObject: true,
      byRetry: 1,
      cached: 4,
      cachedBytes: true,
      connected: 1,
      useful: 3,
      useless: 1,
      parts: 8,
    });
    const { host } = new URL(connection.server);
    expect(valueOf(`rest_client_requests_total{code="200",host="${host}",method="PATCH"}`)).toBeGreaterThan(0);
    for (const name of [
      'controller_runtime_reconcile_time_seconds_bucket',
      'workqueue_adds_total',
      'workqueue_queue_duration_seconds_bucket',
      'workqueue_work_duration_seconds_bucket',
      'rest_client_request_duration_seconds_bucket',
      'trueup_watch_last_event_age_seconds',
      'trueup_watch_failures_total',
      'process_resident_memory_bytes',
    ])
      expect(lines.filter((line) => line.startsWith(name)).length).toBeGreaterThan(0);
    expect(operator.healthUrl).toBeUndefined();
  });

  it('is alive and ready while it works, and not alive once a reconcile heeds no deadline', async () => {
    await create({ healthProbeBindAddress: '127.0.0.1:0' });
    await operator.start();
    expect(await answered('/readyz', 200)).toBe('ok\n');
    expect(await get('/readyz?verbose')).toEqual({ status: 200, body: '[+]running ok\n[+]caches ok\n' });
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect(await get('/metrics')).toMatchObject({ status: 404 });

    await aGadget('hang', 'hang');
    expect(await answered('/healthz', 500)).toMatch(
      /^\[-\]reconciles failed: gadget-controller has worked on one object for \d+ s and does not heed its deadline\n\[\+\]lease ok\n$/,
    );
    release();
    expect(await answered('/healthz', 200)).toBe('ok\n');
  });

  it('stays alive and is not ready while the API server is away', async () => {
    const away = await ControlPlane.start({ tls: false });
    await create({
      healthProbeBindAddress: '127.0.0.1:0',
      connection: clusterFromToken({ server: away.url, token: away.token }),
    });
    await operator.start();
    await away.stop();
    expect(await answered('/readyz', 500)).toMatch(/^\[\+\]running ok\n\[-\]caches failed: Gadget: not watching/);
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' });
  });

  it('is not ready while a watch is silent for longer than bookmarks are apart', async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    await create({ healthProbeBindAddress: '127.0.0.1:0', clock });
    await operator.start();
    await answered('/readyz', 200);
    aheadMs = 151_000;

    expect(await answered('/readyz', 500)).toMatch(/caches failed: Gadget: the watch has been silent for 15\d s/);
  });

  it('is not ready before its caches are filled, and says for which kinds', async () => {
    operator = await Operator.create({
      modules: [gadgets],
      connection: clusterFromToken({ server: 'http://127.0.0.1:9' }),
      logger: pino({ level: 'silent' }),
      healthProbeBindAddress: '127.0.0.1:0',
    });
    const stop = new AbortController();
    const started = expect(operator.start({ signal: stop.signal })).rejects.toThrow('enough');
    await until(() => operator.healthUrl !== undefined);
    const { status, body } = await get('/readyz');
    expect(status).toBe(500);
    expect(body).toMatch(/Gadget: not synced/);
    stop.abort(new Error('enough'));
    await started;
  });

  describe('profiles', () => {
    const profileToken = 'correct horse battery staple';
    const profile = (path: string, token = profileToken, init: RequestInit = {}) =>
      fetch(`${operator.metricsUrl}/debug/pprof/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });

    it('are there for who has the token, one at a time', async () => {
      await create({ metricsBindAddress: '127.0.0.1:0', profileToken });
      await operator.start();
      const cpu = await profile('profile?seconds=0.02');
      expect(cpu.headers.get('content-disposition')).toBe('attachment; filename="operator.cpuprofile"');
      expect(await cpu.json()).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
      expect(await (await profile('heap?seconds=0.02')).json()).toMatchObject({
        head: { callFrame: expect.any(Object) },
      });

      const leaving = new AbortController();
      const abandoned = profile('heap?seconds=300', profileToken, { signal: leaving.signal }).catch(() => 'abandoned');
      await until(async () => (await profile('heap?seconds=0.01')).status === 409);
      leaving.abort();
      expect(await abandoned).toBe('abandoned');
      await until(async () => (await profile('heap?seconds=0.01')).status !== 409);

      expect((await profile('profile?seconds=0.01', 'wrong')).status).toBe(401);
      expect((await fetch(`${operator.metricsUrl}/debug/pprof/heap`)).status).toBe(401);
      expect((await profile('heap?seconds=1000')).status).toBe(400);
    });

    it('are not there unless they are asked for', async () => {
      await create({ metricsBindAddress: '127.0.0.1:0' });
      await operator.start();
      expect((await profile('profile')).status).toBe(404);
    });

    it.each([
      [
        { profileToken: 'short', metricsBindAddress: ':0' },
        'profileToken has 5 characters; take at least 16, drawn at random',
      ],
      [{ profileToken }, 'profileToken is set, but metricsBindAddress is not: profiles are served beside /metrics'],
    ])('cannot be had with %j', async (options, message) => {
      await expect(create(options)).rejects.toMatchObject({ code: 'ERR_OPTION_OUT_OF_RANGE', message });
    });
  });

  it('answers whatever it is asked', async () => {
    await create({ healthProbeBindAddress: '127.0.0.1:0' });
    await operator.start();
    const { port } = new URL(operator.healthUrl ?? '');
    const statusOf = async (path: string) => {
      const [answer] = (await once(request({ port, path, host: '127.0.0.1' }).end(), 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    expect([await statusOf('//'), await statusOf('/healthz?a?b'), await statusOf('*')]).toEqual([404, 200, 404]);
  });

  it('refuses an address it cannot read, before anything runs', async () => {
    await expect(create({ metricsBindAddress: '8080' })).rejects.toMatchObject({
      code: 'ERR_OPTION_OUT_OF_RANGE',
      message: 'metricsBindAddress is "8080"; write :8080, 127.0.0.1:8080, [::1]:8080, or 0 for none',
    });
  });
});

describe('parseBindAddress', () => {
  it.each([
    [':8080', { port: 8080 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:8081', { host: '::1', port: 8081 }],
    ['0', undefined],
    ['', undefined],
  ])('reads %j', (address, expected) => {
    expect(parseBindAddress('address', address)).toEqual(expected);
  });

  it.each([':http', '::1:80', ':70000', 'localhost'])('refuses %j', (address) => {
    expect(() => parseBindAddress('address', address)).toThrow(JSON.stringify(address));
  });
});
