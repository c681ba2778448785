import { execFile, type PromiseWithChild } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsolatedStore } from './isolated-store.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

interface Outcome {
  readonly name: string;
  readonly object?: unknown;
  readonly error?: string;
}

const run = promisify(execFile);

/** Runs Node.js without the environment of the tests, which resolves packages to their sources. */
function node(cwd: string, args: readonly string[]): PromiseWithChild<{ stdout: string }> {
  return run(process.execPath, args, { cwd, env: { PATH: process.env['PATH'] } });
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
    await expect(node(project, [script])).resolves.toMatchObject({ stdout: '' });
  });

  describe('and run alone', () => {
    const outcomes = new Map<string, Outcome>();

    // In one process, so that what they share is loaded once; each finds what its own project has.
    beforeAll(async () => {
      const runs = Object.entries(ALONE).map(async ([name, { kind, version = 'v1beta1', spec }]) => {
        const script = path.join(await store.project(kind, [...SURROUNDINGS, name]), 'run-alone.mjs');
        await copyFile(path.join(import.meta.dirname, 'run-alone.mjs'), script);
        const metadata = { name: 'alone', namespace: 'default' };
        return { script, name, object: { apiVersion: `toolhive.stacklok.dev/${version}`, kind, metadata, spec } };
      });
      const running = node(folder, [path.join(import.meta.dirname, 'run-each.mjs')]);
      running.child.stdin?.end(JSON.stringify(await Promise.all(runs)));
      const { stdout } = await running;
      for (const outcome of JSON.parse(stdout) as readonly Outcome[]) outcomes.set(outcome.name, outcome);
    }, TIMEOUT_MS);

    it.each(Object.entries(ALONE))('%s reconciles an object of its kind', (name, { says: [type, status] }) => {
      const conditions = expect.arrayContaining([expect.objectContaining({ type, status })]);
      expect(outcomes.get(name)).toMatchObject({ object: { status: { conditions } } });
    });
  });
});
