import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Deployment, findCondition, type ConditionStatus, type KindOf, type KubernetesObject } from '@trueup/core';
import { MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer } from '@trueup/mcp-server';
import { playProxyRunner } from '@trueup/mcp-workload';
import { Harness } from '@trueup/testing';
import '@trueup/testing/matchers';
import { VirtualMCPServer } from '@trueup/virtual-mcp-server';
import application from '../../examples/operator/src/operator.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MANIFESTS = path.join(ROOT, 'examples/operator/manifests');

type Judged = KubernetesObject & { readonly status?: { readonly conditions?: readonly ConditionStatus[] } };

/** Whose conditions tell of the policy. */
const USERS: readonly { readonly kind: KindOf<Judged>; readonly name: string }[] = [
  { kind: MCPServer, name: 'tickets' },
  { kind: MCPRemoteProxy, name: 'customers' },
  { kind: VirtualMCPServer, name: 'desk' },
];

/** The bodies of the README's `kubectl patch` commands, in order. */
async function patchesInReadme(): Promise<readonly object[]> {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  return [...readme.matchAll(/patch mcpauthzconfig staff-policy --type=merge -p '(.*)'/g)].map(
    ([, body = '']) => JSON.parse(body) as object,
  );
}

describe('the story that the README tells with the samples', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: application.modules,
      ...(application.register && { register: application.register }),
      images: [{ image: /proxyrunner/, play: playProxyRunner }],
    });
    for (const file of (await readdir(MANIFESTS)).sort()) {
      const text = await readFile(path.join(MANIFESTS, file), 'utf8');
      await harness.apply(text.replaceAll(/(namespace|name): mcp$/gm, `$1: ${harness.namespace}`));
    }
    await harness.settle();
  });
  afterAll(() => harness.stop());

  const specs = async () =>
    (await harness.list(Deployment)).map(({ metadata, spec }) => ({ name: metadata.name, spec }));

  it('breaks a policy that three share and nobody else, keeps what runs, heals, and blocks its deletion', async () => {
    const [broken, healed] = await patchesInReadme();
    const running = await specs();
    const said = await conditionsOfOthers();
    for (const { kind, name } of USERS) {
      expect(await harness.get(kind, name)).toHaveCondition('AuthzConfigRefValidated', { status: 'True' });
      expect(await harness.get(kind, name)).toHaveCondition('Ready', { status: 'True' });
    }

    await harness.patch(MCPAuthzConfig, 'staff-policy', broken ?? {});
    await harness.settle();
    const problem = /cedar policy at index 0 has invalid syntax/;
    expect(await harness.get(MCPAuthzConfig, 'staff-policy')).toHaveCondition('Valid', {
      status: 'False',
      message: problem,
    });
    for (const { kind, name } of USERS) {
      expect(await harness.get(kind, name)).toHaveCondition('AuthzConfigRefValidated', {
        status: 'False',
        message: problem,
      });
    }
    expect(await conditionsOfOthers()).toEqual(said);
    expect(await specs()).toEqual(running);

    await harness.patch(MCPAuthzConfig, 'staff-policy', healed ?? {});
    await harness.settle();
    for (const { kind, name } of USERS) {
      expect(await harness.get(kind, name)).toHaveCondition('AuthzConfigRefValidated', { status: 'True' });
      expect(await harness.get(kind, name)).toHaveCondition('Ready', { status: 'True' });
    }

    await harness.delete(MCPAuthzConfig, 'staff-policy');
    await harness.settle();
    expect(await harness.get(MCPAuthzConfig, 'staff-policy')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      message: /MCPRemoteProxy customers.*MCPServer tickets.*VirtualMCPServer desk/,
    });
  });

  /** What is said of the servers that do not use the policy. */
  async function conditionsOfOthers(): Promise<readonly unknown[]> {
    const servers: readonly Judged[] = await harness.list(MCPServer);
    return servers
      .filter(({ metadata }) => metadata.name !== 'tickets')
      .map(({ metadata, status }) => ({ name: metadata.name, ready: findCondition(status?.conditions, 'Ready') }));
  }
});
