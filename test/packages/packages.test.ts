import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsolatedStore } from './isolated-store.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPT = fileURLToPath(new URL('run-alone.mjs', import.meta.url));
const BUILD_TIMEOUT_MS = 180_000;
const TIMEOUT_MS = 60_000;
/** What a project needs beside the package to run it on an API server. */
const SURROUNDINGS = ['@trueup/control-plane', '@trueup/core', '@trueup/kube'];

/** One object for each package that brings a reconciler, and what is to be said of it. */
const ALONE: Readonly<
  Record<string, { kind: string; version?: string; spec: object; says: readonly [string, string] }>
> = {
  '@trueup/mcp-authz-config': {
    kind: 'MCPAuthzConfig',
    spec: { type: 'cedarv1', config: { policies: ['permit(principal, action, resource);'] } },
    says: ['Valid', 'True'],
  },
  '@trueup/mcp-external-auth-config': {
    kind: 'MCPExternalAuthConfig',
    spec: { type: 'unauthenticated' },
    says: ['Valid', 'True'],
  },
  '@trueup/mcp-oidc-config': {
    kind: 'MCPOIDCConfig',
    spec: { type: 'inline', inline: { issuer: 'https://issuer.example.com' } },
    says: ['Valid', 'True'],
  },
  '@trueup/mcp-telemetry-config': {
    kind: 'MCPTelemetryConfig',
    spec: { prometheus: { enabled: true } },
    says: ['Valid', 'True'],
  },
  '@trueup/mcp-tool-config': { kind: 'MCPToolConfig', spec: { toolsFilter: ['read'] }, says: ['Valid', 'True'] },
  '@trueup/mcp-webhook-config': {
    kind: 'MCPWebhookConfig',
    version: 'v1alpha1',
    spec: { validating: [{ name: 'policy', url: 'https://policy.example.com' }] },
    says: ['Valid', 'True'],
  },
  '@trueup/mcp-group': { kind: 'MCPGroup', spec: {}, says: ['Ready', 'True'] },
  '@trueup/virtual-mcp-composite-tool-definition': {
    kind: 'VirtualMCPCompositeToolDefinition',
    spec: { name: 'look', description: 'Looks.', steps: [{ id: 'look', type: 'tool', tool: 'github.search' }] },
    says: ['Ready', 'True'],
  },
  '@trueup/mcp-server': {
    kind: 'MCPServer',
    spec: { image: 'example.com/mcp', transport: 'streamable-http', toolConfigRef: { name: 'nobody-serves-its-kind' } },
    says: ['ToolConfigValidated', 'False'],
  },
  '@trueup/mcp-remote-proxy': {
    kind: 'MCPRemoteProxy',
    spec: { remoteUrl: 'https://mcp.example.com', toolConfigRef: { name: 'nobody-serves-its-kind' } },
    says: ['ToolConfigValidated', 'False'],
  },
  '@trueup/mcp-server-entry': {
    kind: 'MCPServerEntry',
    spec: { remoteUrl: 'https://mcp.example.com', transport: 'sse', groupRef: { name: 'nobody-serves-its-kind' } },
    says: ['RemoteURLValidated', 'True'],
  },
  '@trueup/virtual-mcp-server': {
    kind: 'VirtualMCPServer',
    spec: {
      groupRef: { name: 'tools' },
      incomingAuth: { type: 'anonymous' },
      telemetryConfigRef: { name: 'nobody-serves-its-kind' },
    },
    says: ['TelemetryConfigRefValidated', 'False'],
  },
};

interface Printed {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const run = promisify(execFile);

async function node(cwd: string, args: readonly string[]): Promise<string> {
  // As it is without the environment of the tests, which resolves packages to their sources.
  const { stdout } = await run(process.execPath, args, { cwd, env: { PATH: process.env['PATH'] } });
  return stdout;
}

describe('a package, packed and installed alone', () => {
  let folder: string;
  let store: IsolatedStore;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-packages-'));
    await run('npx', ['tsc', '-b'], { cwd: ROOT });
    store = await IsolatedStore.fill(folder, ROOT);
  }, BUILD_TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds what it runs by and no tests', () => {
    for (const { name, files } of store.packages.values()) {
      expect({ name, files }).toMatchObject({ files: expect.arrayContaining(['dist/index.js', 'dist/index.d.ts']) });
      expect({ name, tests: files.filter((file) => /\.test\.|test-support|tsbuildinfo/.test(file)) }).toEqual({
        name,
        tests: [],
      });
    }
  });

  it('is among those that are run here when it brings a reconciler', () => {
    const bringing = [...store.packages.values()].filter(({ files }) => files.includes('dist/module.js'));
    expect(Object.keys(ALONE).sort()).toEqual(bringing.map(({ name }) => name).sort());
  });

  it('can be imported with what it declares', async () => {
    const names = [...store.packages.keys()];
    const project = await store.project('importing', names);
    const script = path.join(project, 'import-all.mjs');
    await writeFile(script, names.map((name) => `await import('${name}');`).join('\n'));
    await expect(node(project, [script])).resolves.toBe('');
  });

  it.each(Object.entries(ALONE))(
    '%s reconciles an object of its kind',
    async (name, { kind, version = 'v1beta1', spec, says: [type, status] }) => {
      const project = await store.project(kind, [...SURROUNDINGS, name]);
      const script = path.join(project, 'run-alone.mjs');
      await copyFile(SCRIPT, script);
      const metadata = { name: 'alone', namespace: 'default' };
      const object = { apiVersion: `toolhive.stacklok.dev/${version}`, kind, metadata, spec };
      const printed = JSON.parse(await node(project, [script, name, JSON.stringify(object)])) as Printed;
      expect(printed.status?.conditions).toContainEqual(expect.objectContaining({ type, status }));
    },
    TIMEOUT_MS,
  );
});
