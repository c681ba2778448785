import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { customResourceDefinition } from '@trueup/core';
import { mcpGroup } from '@trueup/mcp-group';
import { MCPServer } from '@trueup/mcp-server';
import { MCPServerEntry, mcpServerEntry } from '@trueup/mcp-server-entry';
import { Harness } from '@trueup/testing';

const TIMEOUT_MS = 30_000;

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('kubectl is not installed: its tests are skipped\n');
    return false;
  }
}

const describeWithKubectl = hasKubectl() ? describe : describe.skip;

const SERVER = (image: string) => `
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPServer
metadata: { name: fetch }
spec: { image: ${image}, transport: stdio }
`;
const ENTRY = (group: string) => `
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPServerEntry
metadata: { name: search }
spec: { remoteUrl: 'https://mcp.example.com/mcp', transport: streamable-http, groupRef: { name: ${group} } }
`;
const GROUP = (name: string) => `
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPGroup
metadata: { name: ${name} }
spec: {}
`;
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web:1 }] }
`;
const SETS = ['StatefulSet', 'DaemonSet']
  .map(
    (kind) => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: kept, labels: { app: kept } }
spec:
  selector: { matchLabels: { app: ${kind} } }
  template:
    metadata: { labels: { app: ${kind} } }
    spec: { containers: [{ name: main, image: main:1 }] }
---`,
  )
  .join('');
const EVENT = `
apiVersion: v1
kind: Event
metadata: { name: looked, namespace: default }
involvedObject: { apiVersion: v1, kind: ConfigMap, name: replaced, namespace: default }
reason: Looked
message: at it
type: Normal
count: 1
firstTimestamp: 2026-11-21T19:00:00Z
lastTimestamp: 2026-11-21T19:00:00Z
`;

describeWithKubectl('kubectl against the embedded control plane', () => {
  let controlPlane: ControlPlane;
  let folder: string;

  const environment = () => ({
    ...process.env,
    KUBECONFIG: path.join(folder, 'kubeconfig'),
    KUBECACHEDIR: path.join(folder, 'cache'),
  });
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await promisify(execFile)('kubectl', [...args], { env: environment() });
    return stdout + stderr;
  };
  const file = async (name: string, text: string): Promise<string> => {
    const written = path.join(folder, name);
    await writeFile(written, text);
    return written;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-kubectl-'));
    controlPlane = await ControlPlane.start();
    await controlPlane.writeKubeconfig(path.join(folder, 'kubeconfig'));
    const crd = await file('crd.json', JSON.stringify(customResourceDefinition(MCPServer)));
    expect(await kubectl('apply', '-f', crd)).toContain('mcpservers.toolhive.stacklok.dev created');
    await kubectl('wait', '--for=condition=Established', 'crd/mcpservers.toolhive.stacklok.dev', '--timeout=10s');
  }, TIMEOUT_MS);
  afterAll(async () => {
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'applies an object, changes it, and finds it unchanged',
    async () => {
      const first = await file('first.yaml', SERVER('one'));
      expect(await kubectl('apply', '-f', first)).toContain('mcpserver.toolhive.stacklok.dev/fetch created');
      expect(await kubectl('apply', '-f', first)).toContain('unchanged');
      expect(await kubectl('apply', '-f', await file('second.yaml', SERVER('two')))).toContain('configured');
      expect(await kubectl('diff', '-f', path.join(folder, 'second.yaml'))).toBe('');
    },
    TIMEOUT_MS,
  );

  it(
    'applies on the server side, and names who else owns a field',
    async () => {
      const applied = await kubectl(
        'apply',
        '--server-side',
        '--force-conflicts',
        '-f',
        await file('third.yaml', SERVER('three')),
      );
      expect(applied).toContain('serverside-applied');
      const other = kubectl(
        'apply',
        '--server-side',
        '--field-manager=other',
        '-f',
        await file('fourth.yaml', SERVER('four')),
      );
      await expect(other).rejects.toThrow(/conflict with "kubectl": \.spec\.image/);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses what the kind refuses, in the words of a real server',
    async () => {
      const bad = await file('bad.yaml', SERVER('x').replace('stdio', 'pigeon'));
      await expect(kubectl('apply', '-f', bad)).rejects.toThrow(
        /The MCPServer "fetch" is invalid:[^]*spec\.transport: Unsupported value: "pigeon": supported values: "stdio", "streamable-http", "sse"/,
      );
      const typo = await file('typo.yaml', SERVER('x').replace('transport', 'transprt'));
      await expect(kubectl('apply', '-f', typo)).rejects.toThrow(/unknown field "spec\.transprt"/);
    },
    TIMEOUT_MS,
  );

  it(
    'gets, describes and explains',
    async () => {
      expect(await kubectl('get', 'mcpservers')).toMatch(/^NAME +STATUS +READY +REPLICAS +URL +AGE\nfetch /);
      expect(await kubectl('get', 'toolhive', '-o', 'name')).toBe('mcpserver.toolhive.stacklok.dev/fetch\n');
      expect(await kubectl('get', 'mcpserver', 'fetch', '-o', 'jsonpath={.spec.proxyPort}')).toBe('8080');
      expect(await kubectl('describe', 'mcpserver', 'fetch')).toMatch(/Kind: +MCPServer/);
      expect(await kubectl('explain', 'mcpserver.spec.proxyPort')).toMatch(
        /FIELD: proxyPort <integer>[^]*DESCRIPTION:\n +\S/,
      );
      expect(await kubectl('explain', 'deployment.spec.replicas')).toContain('FIELD: replicas <integer>');
    },
    TIMEOUT_MS,
  );

  it(
    'edits, patches, labels and annotates',
    async () => {
      const edited = promisify(execFile)('kubectl', ['edit', 'mcpserver', 'fetch'], {
        env: { ...environment(), KUBE_EDITOR: `sed -i s/proxyPort:\\ 8080/proxyPort:\\ 9090/` },
      });
      expect((await edited).stdout).toContain('edited');
      await kubectl('patch', 'mcpserver', 'fetch', '--type=merge', '-p', '{"spec":{"mcpPort":7070}}');
      await kubectl(
        'patch',
        'mcpserver',
        'fetch',
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/spec/image","value":"five"}]',
      );
      await kubectl('label', 'mcpserver', 'fetch', 'team=web');
      await kubectl('annotate', 'mcpserver', 'fetch', 'note=hello');
      const printed = await kubectl(
        'get',
        'mcpserver',
        'fetch',
        '-l',
        'team=web',
        '--ignore-not-found',
        '-o',
        'json',
      ).catch(() => kubectl('get', 'mcpserver', '-l', 'team=web', '-o', 'json'));
      expect(JSON.parse(printed)).toMatchObject({
        items: [
          { metadata: { annotations: { note: 'hello' } }, spec: { proxyPort: 9090, mcpPort: 7070, image: 'five' } },
        ],
      });
    },
    TIMEOUT_MS,
  );

  it(
    'watches',
    async () => {
      const watching = spawn('kubectl', ['get', 'mcpserver', 'fetch', '-w', '-o', 'jsonpath={.spec.mcpPort}{"\\n"}'], {
        env: environment(),
      });
      const closed = once(watching, 'close');
      const seen: string[] = [];
      for await (const port of createInterface(watching.stdout)) {
        seen.push(port);
        if (port === '7171') break;
        await kubectl('patch', 'mcpserver', 'fetch', '--type=merge', '-p', '{"spec":{"mcpPort":7171}}');
      }
      watching.kill('SIGINT');
      await closed;
      expect(seen).toEqual(['7070', '7171']);
    },
    TIMEOUT_MS,
  );

  it(
    'waits for a rollout, scales it, and rolls it back',
    async () => {
      await kubectl('apply', '-f', await file('deployment.yaml', DEPLOYMENT));
      expect(await kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')).toContain(
        'successfully rolled out',
      );
      await kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=10s');
      await kubectl('scale', 'deployment', 'web', '--replicas=3');
      await kubectl('rollout', 'status', 'deployment/web', '--timeout=10s');
      expect((await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n')).toHaveLength(3);
      await kubectl('set', 'image', 'deployment/web', 'web=web:2');
      await kubectl('rollout', 'undo', 'deployment/web');
      await kubectl('rollout', 'status', 'deployment/web', '--timeout=10s');
      expect(
        await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'),
      ).toBe('web:1');
    },
    TIMEOUT_MS,
  );

  it(
    'shows what StatefulSets and DaemonSets were, and takes them back to it',
    async () => {
      const sets = ['statefulset/kept', 'daemonset/kept'];
      const rolledOut = async () => {
        for (const set of sets) await kubectl('rollout', 'status', set, '--timeout=10s');
        return kubectl('get', ...sets, '-o', 'jsonpath={.items[*].spec.template.spec.containers[0].image}');
      };
      await kubectl('apply', '-f', await file('sets.yaml', SETS));
      await kubectl('set', 'image', ...sets, 'main=main:2');
      expect(await rolledOut()).toBe('main:2 main:2');
      expect(await kubectl('rollout', 'history', ...sets)).toMatch(/(REVISION +CHANGE-CAUSE\n1 .*\n2 [^]*){2}/);
      expect(await kubectl('rollout', 'history', 'daemonset/kept', '--revision=1')).toMatch(/Image:\s+main:1/);

      await kubectl('rollout', 'undo', ...sets);

      expect(await rolledOut()).toBe('main:1 main:1');
      expect(await kubectl('rollout', 'history', ...sets)).toMatch(/(REVISION +CHANGE-CAUSE\n2 .*\n3 [^]*){2}/);
    },
    TIMEOUT_MS,
  );

  it(
    'creates what Go clients send as protobuf, and answers who may do what',
    async () => {
      expect(await kubectl('create', 'namespace', 'team')).toContain('namespace/team created');
      expect(await kubectl('create', 'configmap', 'settings', '-n', 'team', '--from-literal=a=b')).toContain('created');
      expect(await kubectl('auth', 'can-i', 'create', 'mcpservers')).toContain('yes');
      expect(await kubectl('api-resources', '--api-group=toolhive.stacklok.dev')).toContain('mcpservers');
    },
    TIMEOUT_MS,
  );

  it(
    'replaces what has not changed since it was read',
    async () => {
      await kubectl('create', 'configmap', 'replaced', '--from-literal=a=b');
      const read = await file(
        'replaced.yaml',
        (await kubectl('get', 'cm', 'replaced', '-o', 'yaml')).replace('a: b', 'a: c'),
      );
      expect(await kubectl('replace', '-f', read)).toBe('configmap/replaced replaced\n');
      await expect(kubectl('replace', '-f', read)).rejects.toThrow(/\(Conflict\)[^]*the object has been modified/);
      expect(await kubectl('replace', '--force', '-f', read)).toContain('configmap/replaced replaced');
    },
    TIMEOUT_MS,
  );

  it(
    'lists the events of an object',
    async () => {
      await kubectl('create', '-f', await file('event.yaml', EVENT));
      expect(await kubectl('events', '--for=configmap/replaced')).toMatch(
        /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Normal +Looked +ConfigMap\/replaced +at it\n$/,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'creates a token, and is with it whom it was issued to',
    async () => {
      await kubectl('create', 'serviceaccount', 'robot');
      const token = (await kubectl('create', 'token', 'robot', '--duration=10m')).trim();
      expect(await kubectl('auth', 'whoami', `--token=${token}`)).toContain('system:serviceaccount:default:robot');
      await expect(kubectl('get', 'secrets', `--token=${token}`)).rejects.toThrow(
        /User "system:serviceaccount:default:robot" cannot list resource "secrets"/,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'says what it cannot do here',
    async () => {
      await expect(kubectl('top', 'pods')).rejects.toThrow('error: Metrics API not available');
      for (const command of [
        ['exec', 'kept-0', '--', 'ls'],
        ['attach', 'kept-0'],
        ['port-forward', 'kept-0', ':80'],
      ]) {
        await expect(kubectl(...command)).rejects.toThrow(
          'error dialing backend: dial tcp 192.0.2.1:10250: connect: connection refused',
        );
      }
    },
    TIMEOUT_MS,
  );

  it.each([
    { cascade: 'background', kept: [] },
    { cascade: 'foreground', kept: [] },
    { cascade: 'orphan', kept: ['replicaset', 'pod'] },
  ])(
    'deletes a Deployment with --cascade=$cascade, which keeps $kept',
    async ({ cascade, kept }) => {
      const name = `by-${cascade}`;
      const left = async () => (await kubectl('get', 'rs,pods', '-l', `app=${name}`, '-o', 'name')).trim();
      await kubectl('create', 'deployment', name, '--image=web:1');
      await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=10s');
      expect(await kubectl('delete', 'deployment', name, `--cascade=${cascade}`)).toContain('deleted');
      await controlPlane.settle();
      expect(
        (await left())
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(/[./]/)[0]),
      ).toEqual(kept);
    },
    TIMEOUT_MS,
  );

  it(
    'deletes, and waits for what holds an object',
    async () => {
      await kubectl(
        'patch',
        'mcpserver',
        'fetch',
        '--type=merge',
        '-p',
        '{"metadata":{"finalizers":["example.com/hold"]}}',
      );
      const deleted = kubectl('delete', 'mcpserver', 'fetch', '--timeout=10s');
      await kubectl('wait', 'mcpserver/fetch', '--for=jsonpath={.metadata.deletionTimestamp}', '--timeout=10s');
      await kubectl('patch', 'mcpserver', 'fetch', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      expect(await deleted).toContain('"fetch" deleted');
      expect(await kubectl('delete', 'deployment', 'web', '--cascade=foreground')).toContain('deleted');
      expect(await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).toBe('');
      expect(await kubectl('delete', 'namespace', 'team', '--timeout=10s')).toContain('deleted');
    },
    TIMEOUT_MS,
  );
});

describeWithKubectl('kubectl wait, with an operator at work', () => {
  let harness: Harness;
  let folder: string;
  let kubeconfig: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-kubectl-wait-'));
    // kubectl sends no token without TLS.
    harness = await Harness.start({ modules: [mcpGroup, mcpServerEntry], controlPlane: { tls: true } });
    kubeconfig = process.env['KUBECONFIG'] || path.join(folder, 'kubeconfig');
    await harness.controlPlane?.writeKubeconfig(kubeconfig);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await harness.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const entryIs = async (status: 'true' | 'false'): Promise<string> => {
    const awaited = ['wait', 'mcpserverentry/search', `--for=condition=Ready=${status}`, '--timeout=20s'];
    const where = ['--kubeconfig', kubeconfig, '--cache-dir', path.join(folder, 'cache'), '-n', harness.namespace];
    const { stdout } = await promisify(execFile)('kubectl', [...awaited, ...where]);
    return stdout;
  };

  it(
    'ends when the object has become ready, and does not take an old verdict for one of a new spec',
    async () => {
      const met = 'mcpserverentry.toolhive.stacklok.dev/search condition met\n';
      await harness.apply(ENTRY('desk'));
      expect(await entryIs('false')).toBe(met);

      const ready = entryIs('true');
      await harness.apply(GROUP('desk'));
      expect(await ready).toBe(met);

      await harness.patch(MCPServerEntry, 'search', { spec: { groupRef: { name: 'other' } } });
      expect(await entryIs('false')).toBe(met);
    },
    TIMEOUT_MS,
  );
});
