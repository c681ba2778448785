import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { load } from 'js-yaml';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = path.join(ROOT, 'examples/operator/dist/main.js');
const TIMEOUT_MS = 60_000;

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; `during` sees its output as it comes. */
async function run(
  command: string,
  args: readonly string[],
  during: (child: ChildProcess, output: { stdout: string; stderr: string }) => void = () => {},
  kubeconfig = '',
): Promise<Finished> {
  const env = { ...process.env, KUBECONFIG: kubeconfig, NODE_OPTIONS: '' };
  const child = spawn(command, args, { cwd: ROOT, env });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      during(child, output);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

const start = (...args: readonly string[]) => run(process.execPath, [MAIN, ...args]);

interface Printed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly generation?: number };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const WITH_READY = [
  'MCPGroup',
  'MCPRemoteProxy',
  'MCPServer',
  'MCPServerEntry',
  'VirtualMCPCompositeToolDefinition',
  'VirtualMCPServer',
];

const SERVER = `
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPServer
metadata: { name: NAME }
spec: { image: example.com/mcp, transport: TRANSPORT }
`;

describe('the command of the sample operator', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-command-'));
    const built = await run('npx', ['tsc', '-b']);
    expect(built).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const manifest = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const plainServer = () => manifest('plain.yaml', SERVER.replace('NAME', 'plain').replace('TRANSPORT', 'stdio'));

  it(
    'settles the samples, prints every object with every condition, and hides what secrets hold',
    async () => {
      const { code, stdout, stderr } = await start('--once', '--output', 'json');
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/^Control plane at https.*\n.*kubectl --kubeconfig .*\nSettled after/),
      });
      const { items } = JSON.parse(stdout) as { items: readonly Printed[] };
      const named = (kind: string) => items.filter((item) => item.kind === kind).map(({ metadata }) => metadata.name);
      expect(named('MCPServer')).toEqual(['fetch', 'tickets', 'wiki']);
      expect(named('Deployment')).toEqual(['customers', 'desk', 'fetch', 'tickets', 'wiki']);
      expect(named('StatefulSet')).toEqual(['fetch', 'tickets', 'wiki']);
      expect(named('Role')).toEqual([
        'customers-remote-proxy-runner',
        'desk-vmcp',
        'fetch-proxy-runner',
        'tickets-proxy-runner',
        'wiki-proxy-runner',
      ]);
      const workloads = items.filter(({ kind }) => WITH_READY.includes(kind));
      expect(new Set(workloads.map(({ kind }) => kind))).toEqual(new Set(WITH_READY));
      for (const { kind, metadata, status } of workloads) {
        // What `kubectl wait --for=condition=Ready` looks at.
        const ready = { type: 'Ready', status: 'True', observedGeneration: metadata.generation };
        expect({ kind, conditions: status?.conditions }).toEqual({
          kind,
          conditions: expect.arrayContaining([expect.objectContaining(ready)]),
        });
      }
      const secrets = items.filter(({ kind }) => kind === 'Secret').map(({ data }) => data);
      expect(secrets).toEqual([{ 'client-secret': '<hidden>' }, { 'hmac-secret': '<hidden>' }]);
      expect(stdout + stderr).not.toContain('not-a-real-secret');
      expect(stdout).not.toContain(Buffer.from('not-a-real-secret').toString('base64'));
    },
    TIMEOUT_MS,
  );

  it(
    'prints YAML in the order of kinds and names, and writes the kubeconfig where it is told, for its owner only',
    async () => {
      const kubeconfig = path.join(folder, 'written');
      const options = ['--manifests', await plainServer(), '--output', 'yaml', '--write-kubeconfig', kubeconfig];
      const { stdout } = await start('--once', ...options);
      const printed = stdout
        .split(/^---$/m)
        .map((text) => load(text) as Printed)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(printed).toEqual([
        'MCPServer plain',
        'ConfigMap kube-root-ca.crt',
        'ConfigMap plain-runconfig',
        'Deployment plain',
        'Role plain-proxy-runner',
        'RoleBinding plain-proxy-runner',
        'Service kubernetes',
        'Service mcp-plain-proxy',
        'ServiceAccount default',
        'ServiceAccount plain-proxy-runner',
        'ServiceAccount plain-sa',
        'StatefulSet plain',
      ]);
      expect(load(await readFile(kubeconfig, 'utf8'))).toMatchObject({ kind: 'Config', 'current-context': 'trueup' });
      expect((await stat(kubeconfig)).mode & 0o077).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'says in a line what is wrong with each file, and lets the others in',
    async () => {
      const wrong: Readonly<Record<string, { readonly text: string; readonly error: RegExp }>> = {
        'no-yaml': { text: 'kind: [unclosed', error: /no-yaml\.yaml: / },
        'no-kind': { text: 'metadata: { name: x }', error: /no-kind\.yaml: apiVersion is missing/ },
        'not-served': {
          text: 'apiVersion: example.com/v1\nkind: Nope\nmetadata: { name: x }',
          error: /not-served\.yaml: Nope x: The API server does not serve Nope/,
        },
        'unknown-field': {
          text: SERVER.replace('NAME', 'typo').replace('TRANSPORT', 'stdio, imagee: x'),
          error: /unknown-field\.yaml: MCPServer typo: .*unknown field "spec\.imagee"/,
        },
      };
      await mkdir(path.join(folder, 'mixed'));
      for (const [name, { text }] of Object.entries(wrong)) await manifest(`mixed/${name}.yaml`, text);
      await manifest(
        'mixed/servers.yaml',
        [
          SERVER.replace('NAME', 'good').replace('TRANSPORT', 'stdio'),
          SERVER.replace('NAME', 'bad').replace('TRANSPORT', 'pigeon'),
        ].join('---'),
      );
      const { code, stdout, stderr } = await start('--once', '--manifests', path.join(folder, 'mixed'));
      expect(code).toBe(1);
      for (const { error } of Object.values(wrong)) expect(stderr).toMatch(error);
      expect(stderr).toMatch(
        /servers\.yaml \(document 2\): MCPServer bad: .*spec\.transport: Unsupported value: "pigeon": supported values: /,
      );
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stdout).toContain('default/good');
      expect(stdout).not.toContain('default/bad');
    },
    TIMEOUT_MS,
  );

  it.each([
    {
      wrong: 'a manifest that is not there',
      args: ['--manifests', 'nowhere.yaml'],
      error: '--manifests nowhere.yaml: there is no such file or folder',
    },
    { wrong: 'a kubeconfig that is not there', args: ['--kubeconfig', 'nowhere'], error: 'nowhere' },
    { wrong: 'a port that is none', args: ['--port', '99999'], error: 'It must be from 0 to 65535' },
  ])(
    'exits with one line for $wrong',
    async ({ args, error }) => {
      const { code, stderr } = await start('--once', ...args);
      expect(code).toBe(1);
      expect(stderr).toContain(error);
      expect(stderr).not.toMatch(/^\s+at /m);
    },
    TIMEOUT_MS,
  );

  it(
    'names a port that is in use, and a server that does not answer',
    async () => {
      const server: Server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const taken = await start('--once', '--port', String(port));
      server.close();
      await once(server, 'close');
      expect(taken.code).toBe(1);
      expect(taken.stderr).toMatch(new RegExp(`port ${port}`, 'i'));

      const kubeconfig = await manifest(
        'kubeconfig',
        `apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:${port}'}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n`,
      );
      const refused = await start('--once', '--kubeconfig', kubeconfig);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}: connection refused`));
      expect(refused.stderr).not.toMatch(/^\s+at /m);
    },
    TIMEOUT_MS,
  );

  it(
    'says what still moves when it does not settle in time',
    async () => {
      const { code, stderr } = await start('--once', '--timeout', '0.001', '--manifests', await plainServer());
      expect(code).toBe(1);
      expect(stderr).toMatch(/not settled after \d+ ms|had not settled after/i);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps lines of what changes while it runs, and leaves nothing behind when it is interrupted',
    async () => {
      let interruptedAt = 0;
      const { code, stdout, stderr } = await run(process.execPath, [MAIN], (child, { stdout: soFar }) => {
        const isReady = ['fetch', 'tickets', 'wiki'].every((name) => soFar.includes(`mcp/${name}  Ready`));
        if (!isReady || interruptedAt > 0) return;
        interruptedAt = performance.now();
        child.kill('SIGINT');
      });
      expect(performance.now() - interruptedAt).toBeLessThan(2_000);
      expect(code).toBe(0);
      expect(stdout).toContain('MCPExternalAuthConfig  mcp/corporate-login');
      const kubeconfig = /--kubeconfig (\S+)/.exec(stderr)?.[1] ?? '';
      expect(kubeconfig).not.toBe('');
      await expect(stat(kubeconfig)).rejects.toThrow('ENOENT');
    },
    TIMEOUT_MS,
  );

  it(
    'exits with 1 when another replica has taken its lease',
    async () => {
      await using controlPlane = await ControlPlane.start();
      const kubeconfig = path.join(folder, 'of-the-replica');
      await controlPlane.writeKubeconfig(kubeconfig);
      const leases = { group: 'coordination.k8s.io', plural: 'leases' };
      let isTaken = false;
      const args = [MAIN, '--in-cluster', '--leader-elect', '--metrics-bind-address', '0'];
      const take = (_: ChildProcess, { stderr }: { stderr: string }) => {
        const [lease] = controlPlane.api.list(leases);
        if (isTaken || lease === undefined || !stderr.includes('"leading"')) return;
        isTaken = true;
        const { name = '', namespace } = lease.metadata;
        void controlPlane.api.update(leases, namespace, name, (draft) => {
          Object.assign(draft, { spec: { ...Object(draft['spec']), holderIdentity: 'somebody-else' } });
        });
      };

      const { code, stderr } = await run(
        process.execPath,
        [...args, '--health-probe-bind-address', '0'],
        take,
        kubeconfig,
      );

      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('somebody-else') });
    },
    TIMEOUT_MS,
  );

  it('documents its options', async () => {
    const { code, stdout } = await start('--help');
    expect(code).toBe(0);
    for (const option of [
      '--once',
      '--manifests',
      '--output',
      '--timeout',
      '--port',
      '--write-kubeconfig',
      '--kubeconfig',
      '--in-cluster',
      '--leader-elect',
      '--shard',
      '--shard-selector',
      '--profile-token-file',
      '--metrics-bind-address',
      '--health-probe-bind-address',
      '--skip-crds',
      '--verbose',
    ]) {
      expect(stdout).toContain(option);
    }
  });
});

describe('the sample operator in a pod that is to end', () => {
  it(
    'stops in order at the first signal, and at once at the second',
    async () => {
      await using controlPlane = await ControlPlane.start();
      const folder = await mkdtemp(path.join(tmpdir(), 'trueup-signals-'));
      const kubeconfig = path.join(folder, 'kubeconfig');
      await controlPlane.writeKubeconfig(kubeconfig);
      let signals = 0;
      const interrupt = (child: ChildProcess, { stderr }: { stderr: string }) => {
        if (signals === 0 && stderr.includes('"leading"')) {
          // The lease can't be given back, so that stopping in order takes its time.
          const leaseUpdates = { verb: 'update', resource: 'leases' } as const;
          controlPlane.faults.inject({ type: 'latency', ms: TIMEOUT_MS, match: leaseUpdates });
          signals = 1;
          child.kill('SIGTERM');
        } else if (signals === 1 && stderr.includes('a second signal ends the process at once')) {
          signals = 2;
          child.kill('SIGTERM');
        }
      };
      const args = ['--in-cluster', '--leader-elect', ...['metrics', 'health-probe', 'webhook'].flatMap(nowhere)];
      const { code } = await run(process.execPath, [MAIN, ...args], interrupt, kubeconfig);
      await rm(folder, { recursive: true, force: true });
      expect({ signals, code }).toEqual({ signals: 2, code: 1 });
      const [lease] = controlPlane.api.list({ group: 'coordination.k8s.io', plural: 'leases' });
      expect(lease).toMatchObject({ spec: { holderIdentity: expect.stringMatching(/./) } });
    },
    TIMEOUT_MS,
  );
});

const nowhere = (server: string): readonly string[] => [`--${server}-bind-address`, '0'];
