import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  conditions,
  configRefs,
  customResourceDefinition,
  defineKind,
  defineModule,
  int64,
  Reconciler,
  referencePage,
  References,
} from '@trueup/core';
import { Harness } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { virtualMcpCompositeToolDefinition } from './module.js';
import { VirtualMCPCompositeToolDefinition } from './resource.js';

/** Stand-in for the kind that refers to definitions. */
const Server = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'VirtualMCPServer',
  versions: { v1beta1: {} },
  spec: z.object({ tools: z.array(z.string()).optional() }),
  status: z.object({ observedGeneration: int64().optional(), conditions: conditions().optional() }),
});
const toolRefs = configRefs({
  from: Server,
  to: VirtualMCPCompositeToolDefinition,
  names: ({ spec }) => Object.fromEntries((spec.tools ?? []).map((name) => [name, name])),
  prefix: 'CompositeTool-',
  judgement: 'WorkflowValidated',
});

@Reconciler(Server)
@References(toolRefs)
class ServerReconciler {}

let harness: Harness;

beforeAll(async () => {
  const servers = defineModule({ name: 'servers', kinds: [Server], reconcilers: [ServerReconciler] });
  harness = await Harness.start({ modules: [servers, virtualMcpCompositeToolDefinition] });
});
afterAll(() => harness.stop());

const TRIAGE = {
  name: 'triage_issue',
  description: 'Find and label an issue',
  parameters: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
  timeout: '5m',
  steps: [
    {
      id: 'search',
      tool: 'github.search',
      arguments: { query: '{{.params.q}}' },
      onError: { action: 'continue' },
      defaultResults: { items: [] },
    },
    {
      id: 'confirm',
      type: 'elicitation',
      message: 'Label {{ len .steps.search.output.items }} issues?',
      schema: { type: 'object', properties: { ok: { type: 'boolean' } } },
      dependsOn: ['search'],
    },
    {
      id: 'label',
      type: 'forEach',
      collection: '{{ json .steps.search.output.items }}',
      itemVar: 'issue',
      step: {
        id: 'one',
        tool: 'github.add_label',
        arguments: { number: '{{.forEach.issue.number}}', label: 'triage' },
      },
      dependsOn: ['confirm'],
    },
  ],
  output: {
    properties: {
      labelled: {
        type: 'integer',
        description: 'Number labelled',
        value: '{{.steps.label.output.completed}}',
        default: 0,
      },
    },
    required: ['labelled'],
  },
};

const object = (kind: string, name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind,
  metadata: { name },
  spec,
});
const definition = (name: string, change: object = {}) =>
  object('VirtualMCPCompositeToolDefinition', name, { ...TRIAGE, ...change });
const server = (name: string, ...tools: readonly string[]) => object('VirtualMCPServer', name, { tools });

async function settled(name: string): Promise<VirtualMCPCompositeToolDefinition> {
  await harness.settle();
  return harness.require(VirtualMCPCompositeToolDefinition, name);
}

type Status = VirtualMCPCompositeToolDefinition['status'];
const withoutTimes = (status: Status) => ({
  ...status,
  conditions: status?.conditions?.map(({ lastTransitionTime: _, ...condition }) => condition),
});

describe('a VirtualMCPCompositeToolDefinition', () => {
  it('is valid, says who refers to it, and is then left alone', async () => {
    await harness.apply(definition('triage'), server('prod', 'triage'));
    const { status } = await settled('triage');
    expect(withoutTimes(status)).toEqual({
      validationStatus: 'Valid',
      referencingVirtualServers: ['prod'],
      observedGeneration: 1,
      conditions: [
        {
          type: 'WorkflowValidated',
          status: 'True',
          reason: 'ValidationSuccess',
          message: 'Workflow definition is valid',
          observedGeneration: 1,
        },
        {
          type: 'Ready',
          status: 'True',
          reason: 'WorkflowReady',
          message: 'Workflow is ready to use',
          observedGeneration: 1,
        },
      ],
    });

    harness.forgetWrites();
    await harness.patch(VirtualMCPCompositeToolDefinition, 'triage', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('follows those who take up and drop it, and holds nobody back when it goes', async () => {
    await harness.apply(definition('shared'), server('b', 'shared'), server('a', 'shared', 'shared'));
    const referring = async () => (await settled('shared')).status?.referencingVirtualServers;
    expect(await referring()).toEqual(['a', 'b']);
    await harness.patch(Server, 'b', { spec: { tools: null } });
    expect(await referring()).toEqual(['a']);
    await harness.delete(Server, 'a');
    expect(await referring()).toBeUndefined();

    await harness.patch(Server, 'b', { spec: { tools: ['shared'] } });
    await settled('shared');
    await harness.delete(VirtualMCPCompositeToolDefinition, 'shared');
    await harness.settle();
    expect(await harness.get(VirtualMCPCompositeToolDefinition, 'shared')).toBeUndefined();
    expect(await harness.require(Server, 'b')).toHaveCondition('CompositeTool-shared', { status: 'False' });
  });

  it.each([
    ['a template', { steps: [{ id: 'a', tool: 'b', condition: '{{ .x' }] }, 'TemplateInvalid'],
    ['a schema', { parameters: { type: 'object', required: 'q' } }, 'SchemaInvalid'],
    ['a cycle', { steps: [{ id: 'a', tool: 'b', dependsOn: ['a'] }] }, 'DependencyCycle'],
    ['anything else', { description: '', timeout: '5m' }, 'ValidationFailed'],
  ])('is invalid for %s, tells those who refer to it, and heals', async (_, change, reason) => {
    await harness.apply(definition('mended'), server('user', 'mended'));
    await settled('mended');
    await harness.apply(definition('mended', change));
    const { status } = await settled('mended');
    const [text = ''] = status?.validationErrors ?? [];
    expect(text).toMatch(/^validation failed: spec\./);
    expect(withoutTimes(status)).toMatchObject({
      validationStatus: 'Invalid',
      validationErrors: [text],
      conditions: [
        { type: 'WorkflowValidated', status: 'False', reason, message: text },
        { type: 'Ready', status: 'False', reason: 'WorkflowNotReady' },
      ],
    });
    expect(await harness.require(Server, 'user')).toHaveCondition('CompositeTool-mended', {
      status: 'False',
      reason,
      message: text,
    });

    await harness.apply(definition('mended'));
    const mended = await settled('mended');
    expect(mended.status?.validationStatus).toBe('Valid');
    expect(mended.status?.validationErrors).toBeUndefined();
    expect(await harness.require(Server, 'user')).toHaveCondition('CompositeTool-mended', { status: 'True' });
  });

  it.each([
    ['timeout', { timeout: '-5s' }],
    ['steps[0].type', { steps: [{ id: 'a', type: 'loop' }] }],
    ['steps[0].id', { steps: [{ tool: 'b' }] }],
    ['output.properties', { output: {} }],
  ])('is not admitted with a wrong %s', async (field, change) => {
    await expect(harness.apply(definition('refused', change))).rejects.toThrow(`spec.${field}`);
  });
});

describe('the VirtualMCPCompositeToolDefinition kind', () => {
  const crd = customResourceDefinition(VirtualMCPCompositeToolDefinition);
  const stored = crd.spec.versions.find(({ storage }) => storage);

  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('virtualmcpcompositetooldefinitions.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['vmcpctd', 'compositetool']);
    expect(crd.spec.versions.map(({ name, deprecated }) => [name, deprecated])).toEqual([
      ['v1alpha1', true],
      ['v1beta1', undefined],
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows the tool and whether it can be used', () => {
    const columns = stored?.additionalPrinterColumns?.map(({ name }) => name);
    expect(columns).toEqual(['Workflow', 'Status', 'Age', 'Ready']);
  });

  it('explains every field', () => {
    const unexplained = referencePage(VirtualMCPCompositeToolDefinition)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });
});
