// Many MCPServers with every reference they can have, and gateways over groups of them.
import { Operator } from '@trueup/core';
import { pino } from 'pino';
import application from '../../examples/operator/dist/operator.js';
import { SETTLE, countRequests, inParallel, makeNamespace, ratio, report, startServer, timed } from './bench.mjs';
import { longestStretch } from './longest-stretch.mjs';

const namespace = 'bench';
const apiVersion = 'toolhive.stacklok.dev/v1beta1';
/** Backends of the gateways; each has a group of its own. */
const GATEWAYS = [50, 100, 200];
const TOUCHES = 20;

export async function benchGateway(count) {
  const server = await startServer();
  const { client } = server;
  const operator = await Operator.create({
    ...application,
    connection: server.connection(),
    logger: pino({ level: 'warn' }, pino.destination(2)),
  });
  const { counts, forget } = countRequests(operator);
  const resourceOf = (kind) => operator.kinds.find(({ resource }) => resource.kind === kind).resource;
  const create = ({ kind, ...object }) => client.create(resourceOf(kind), { apiVersion, kind, ...object });
  const patch = (kind, name, body) => client.mergePatch(resourceOf(kind), { namespace, name }, body);
  const settled = () => operator.settle(SETTLE);
  const measured = async (change) => {
    forget();
    const before = operator.reconcileCount;
    const ms = await timed(async () => {
      await change();
      await settled();
    });
    return { ms, reconciles: operator.reconcileCount - before, writes: counts.writes };
  };

  try {
    await operator.installKinds();
    await makeNamespace(client, namespace);
    for (const object of configs()) await create(object);
    for (const backends of GATEWAYS) for (const object of aGateway(backends)) await create(object);
    await inParallel(
      Array.from({ length: count }, (_, index) => index),
      (index) => create(anMCPServer(index)),
    );

    forget();
    const stretch = longestStretch();
    const ms = await timed(async () => {
      await operator.start();
      await settled();
    });
    const stall = stretch.stop();
    report(`${count} MCPServers with all references, 3 gateways: cold start`, `${(ms / 1000).toFixed(1)} s`);
    report('  reconciles', operator.reconcileCount, `${ratio(operator.reconcileCount, count)} a server`);
    report(
      '  longest event-loop stall',
      `${stall.cpuMs.toFixed(0)} ms`,
      `under 100 ms; by the clock ${stall.clockMs.toFixed(0)} ms`,
    );

    const idle = await measured(() => patch('MCPGroup', 'group-50', { metadata: { labels: { touched: 'yes' } } }));
    report('  settled: writes', idle.writes, '0');
    const config = await measured(() =>
      patch('MCPToolConfig', 'tools', { spec: { toolsFilter: ['find', 'read', 'list'] } }),
    );
    report(
      '  one config changes: reconciles',
      config.reconciles,
      `${ratio(config.reconciles, count)} a user, rollouts included`,
    );
    report('  one config changes: time a user', `${(config.ms / count).toFixed(1)} ms`);
    const backend = await measured(() => patch('MCPServer', 'server-0', { spec: { proxyPort: 9090 } }));
    report('  one backend changes: reconciles', backend.reconciles, 'a handful, rollout included');
    for (const backends of GATEWAYS) {
      forget();
      let reconcileMs = 0;
      for (let touch = 0; touch < TOUCHES; touch += 1) {
        const before = operator.reconcileCount;
        await patch('VirtualMCPServer', `gateway-${backends}`, { metadata: { labels: { touched: `t${touch}` } } });
        reconcileMs += await timed(async () => {
          while (operator.reconcileCount === before) await new Promise((resolve) => setImmediate(resolve));
        });
      }
      const each = `${(reconcileMs / TOUCHES).toFixed(1)} ms`;
      report(
        `  gateway over ${backends} backends: a change is reconciled in`,
        each,
        `linear; ${counts.writes} writes, 0`,
      );
    }
  } finally {
    await operator.stop();
    await client.close();
    server.stop();
  }
}

const named = (name) => ({ namespace, name });

function configs() {
  const inline = { issuer: 'https://login.example.com', clientId: 'servers' };
  const tokenExchange = { tokenUrl: 'https://login.example.com/token', audience: 'backend' };
  const policies = ['permit(principal, action, resource);'];
  return [
    { kind: 'MCPOIDCConfig', metadata: named('staff'), spec: { type: 'inline', inline } },
    { kind: 'MCPExternalAuthConfig', metadata: named('login'), spec: { type: 'tokenExchange', tokenExchange } },
    { kind: 'MCPAuthzConfig', metadata: named('policy'), spec: { type: 'cedarv1', config: { policies } } },
    { kind: 'MCPToolConfig', metadata: named('tools'), spec: { toolsFilter: ['find', 'read'] } },
    {
      kind: 'MCPTelemetryConfig',
      metadata: named('telemetry'),
      spec: { prometheus: { enabled: true } },
    },
  ];
}

function aGateway(backends) {
  const group = `group-${backends}`;
  const incomingAuth = { type: 'anonymous' };
  return [
    { kind: 'MCPGroup', metadata: named(group), spec: {} },
    {
      kind: 'VirtualMCPServer',
      metadata: named(`gateway-${backends}`),
      spec: { groupRef: { name: group }, incomingAuth },
    },
  ];
}

function anMCPServer(index) {
  let first = 0;
  const group = GATEWAYS.find((backends) => index < (first += backends));
  return {
    kind: 'MCPServer',
    metadata: named(`server-${index}`),
    spec: {
      image: 'ghcr.io/example/server',
      transport: 'streamable-http',
      oidcConfigRef: { name: 'staff', audience: `server-${index}` },
      externalAuthConfigRef: { name: 'login' },
      authzConfigRef: { name: 'policy' },
      toolConfigRef: { name: 'tools' },
      telemetryConfigRef: { name: 'telemetry' },
      ...(group !== undefined && { groupRef: { name: `group-${group}` } }),
    },
  };
}
