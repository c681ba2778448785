import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, loadCluster, systemClock } from '@trueup/kube';
import { Registry } from 'prom-client';
import { ConfigMap } from '../builtin-kinds.js';
import { addClientMetrics } from './client-metrics.js';

const API_VERSION = 'client.authentication.k8s.io/v1';

let controlPlane: ControlPlane;
let directory: string;

beforeEach(async () => {
  controlPlane = await ControlPlane.start({ tls: false, controllers: { serviceAccounts: false } });
  directory = await mkdtemp(join(tmpdir(), 'trueup-client-metrics-'));
});

afterEach(async () => {
  await controlPlane.stop();
  await rm(directory, { recursive: true });
});

/** A client that gets its token from a plugin, and what is measured of it. */
async function measured(): Promise<{ client: Client; series: () => Promise<Map<string, number>> }> {
  const kubeconfig = join(directory, 'kubeconfig');
  const credential = { kind: 'ExecCredential', apiVersion: API_VERSION, status: { token: controlPlane.token } };
  const exec = {
    apiVersion: API_VERSION,
    command: 'sh',
    args: ['-c', `echo '${JSON.stringify(credential)}'`],
    interactiveMode: 'Never',
  };
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
      clusters: [{ name: 'here', cluster: { server: controlPlane.url } }],
      users: [{ name: 'here', user: { exec } }],
    }),
  );
  const client = new Client(await loadCluster({ kubeconfig }), { random: () => 0 });
  const registry = new Registry();
  addClientMetrics(registry, client, () => systemClock.now());
  const series = async (): Promise<Map<string, number>> => {
    const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1).replace('+Inf', 'Infinity'))];
      }),
    );
  };
  return { client, series };
}

describe('the metrics of a client', () => {
  it('count requests, retries, sizes and runs of the credential plugin under the names of client-go', async () => {
    const { client, series } = await measured();
    const { host } = new URL(controlPlane.url);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'measured', namespace: 'default' } };
    controlPlane.faults.inject({ type: 'status', code: 503, times: 1, match: { verb: 'get' } });

    await client.create(ConfigMap.resource, object);
    await client.get(ConfigMap.resource, object.metadata);
    const values = await series();
    await client.close();

    expect(
      Object.fromEntries([...values].filter(([name]) => !/_bucket|_seconds_sum|response_size/.test(name))),
    ).toEqual({
      [`rest_client_requests_total{code="201",host="${host}",method="POST"}`]: 1,
      [`rest_client_requests_total{code="503",host="${host}",method="GET"}`]: 1,
      [`rest_client_requests_total{code="200",host="${host}",method="GET"}`]: 1,
      [`rest_client_request_retries_total{code="503",host="${host}",verb="GET"}`]: 1,
      [`rest_client_request_duration_seconds_count{host="${host}",verb="POST"}`]: 1,
      [`rest_client_request_duration_seconds_count{host="${host}",verb="GET"}`]: 2,
      [`rest_client_rate_limiter_duration_seconds_count{host="${host}",verb="POST"}`]: 1,
      [`rest_client_rate_limiter_duration_seconds_count{host="${host}",verb="GET"}`]: 2,
      [`rest_client_request_size_bytes_count{host="${host}",verb="POST"}`]: 1,
      [`rest_client_request_size_bytes_sum{host="${host}",verb="POST"}`]: JSON.stringify(object).length,
      [`rest_client_request_size_bytes_count{host="${host}",verb="GET"}`]: 2,
      [`rest_client_request_size_bytes_sum{host="${host}",verb="GET"}`]: 0,
      [`trueup_client_requests{host="${host}",state="under way"}`]: 0,
      [`trueup_client_requests{host="${host}",state="waiting"}`]: 0,
      [`trueup_client_requests{host="${host}",state="allowed"}`]: 64,
      'rest_client_exec_plugin_call_total{code="0",call_status="no_error"}': 1,
      rest_client_exec_plugin_certificate_rotation_age_sum: 0,
      rest_client_exec_plugin_certificate_rotation_age_count: 0,
      rest_client_exec_plugin_ttl_seconds: Infinity,
    });
    expect(values.get(`rest_client_response_size_bytes_count{host="${host}",verb="GET"}`)).toBe(2);
    expect(values.get(`rest_client_response_size_bytes_sum{host="${host}",verb="GET"}`)).toBeGreaterThan(200);
  });
});
