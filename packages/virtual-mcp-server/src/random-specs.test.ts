import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCondition } from '@trueup/core';
import { mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPGroup, mcpGroup } from '@trueup/mcp-group';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { Harness } from '@trueup/testing';
import { randomSpecs, runs, seed as seedOf } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { pino } from 'pino';
import { virtualMcpServer } from './module.js';
import { VirtualMCPServer } from './resource.js';

const BATCH = 50;
/** On a server where pods are made, a million of them would be in the way. */
const MOST_REPLICAS = 3;
const minimal = { groupRef: {}, incomingAuth: { type: 'anonymous' } };
/** What makes pods, which the API server looks at closely. */
const spec = fc
  .tuple(randomSpecs(VirtualMCPServer), fc.subarray(['podTemplateSpec', 'config', 'serviceAccount', 'outgoingAuth']))
  .map(([random, kept]) => ({
    ...minimal,
    ...Object.fromEntries(Object.entries(random).filter(([field]) => !(field in minimal) || kept.length === 0)),
    ...('replicas' in random && { replicas: Math.min(Number(random.replicas), MOST_REPLICAS) }),
  }));

describe('VirtualMCPServers with random specs', () => {
  let harness: Harness;
  const errors: string[] = [];

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [
        mcpAuthzConfig,
        mcpExternalAuthConfig,
        mcpGroup,
        mcpOidcConfig,
        mcpTelemetryConfig,
        mcpToolConfig,
        virtualMcpServer,
      ],
      controlPlane: { controllers: { workloads: false } },
      logger: pino({ level: 'error' }, { write: (line) => void errors.push(line) }),
    });
  });
  afterAll(() => harness.stop());

  it('come to rest with a word on each, and make no object that the API server refuses', async () => {
    let admitted = 0;
    let deployed = 0;
    const seed = seedOf();
    const specs = fc.sample(spec, { numRuns: runs(60), seed });
    for (let start = 0; start < specs.length; start += BATCH) {
      const batch = specs.slice(start, start + BATCH);
      const names = await Promise.all(batch.map((each, index) => made(`v${start + index}`, each)));
      await harness.settle({ timeoutMs: 60_000 });
      expect({ seed, errors: errors.slice(0, 3) }).toEqual({ seed, errors: [] });
      for (const name of names.filter((each) => each !== undefined)) {
        const { metadata, status } = await harness.require(VirtualMCPServer, name);
        expect(status?.observedGeneration).toBe(metadata.generation);
        const valid = findCondition(status?.conditions, 'Valid');
        expect({ seed, name, valid: valid?.status, phase: status?.phase }).toMatchObject(
          valid?.status === 'True' ? { valid: 'True' } : { valid: 'False', phase: 'Failed' },
        );
        admitted += 1;
        if (status?.url !== undefined) deployed += 1;
      }
      for (const name of names.filter((each) => each !== undefined)) {
        await harness.delete(VirtualMCPServer, name);
        await harness.delete(MCPGroup, name);
      }
      await harness.settle({ timeoutMs: 60_000 });
    }
    expect(admitted).toBeGreaterThan(specs.length / 10);
    expect(deployed).toBeGreaterThan(0);
  }, 3_600_000);

  /** With a group of its own. @returns undefined when the API server does not let it in. */
  async function made(name: string, given: object): Promise<string | undefined> {
    try {
      const metadata = { name, namespace: harness.namespace };
      const object = {
        apiVersion: 'toolhive.stacklok.dev/v1beta1',
        kind: 'VirtualMCPServer',
        metadata,
        spec: { ...given, groupRef: { name } },
      };
      await harness.client.create(VirtualMCPServer.resource, object);
      await harness.apply({ ...object, kind: 'MCPGroup', spec: {} });
      return name;
    } catch {
      return undefined;
    }
  }
});
