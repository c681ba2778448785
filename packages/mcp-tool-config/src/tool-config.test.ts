import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  conditions,
  configRef,
  defineKind,
  defineModule,
  Event,
  int64,
  Reconciler,
  References,
  type ObjectOf,
} from '@trueup/core';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import { z } from 'zod';
import { mcpToolConfig } from './module.js';
import { toolReferenceWording } from './reference-wording.js';
import { MCPToolConfig } from './resource.js';
import { annotationsNotApplied } from './workload-tools.js';

const Workshop = defineKind({
  group: 'test.example.com',
  kind: 'Workshop',
  versions: { v1: {} },
  spec: z.object({ toolConfigRef: z.object({ name: z.string() }).optional() }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), toolConfigHash: z.string() }).partial(),
});

const toolRef = configRef({
  from: Workshop,
  to: MCPToolConfig,
  name: (workshop: ObjectOf<typeof Workshop>) => workshop.spec.toolConfigRef?.name,
  condition: 'ToolConfigValidated',
  hash: 'toolConfigHash',
  wording: toolReferenceWording,
  accepts: (config) => annotationsNotApplied(config, 'Workshop'),
});

@Reconciler(Workshop)
@References(toolRef)
class WorkshopReconciler {}

const aToolConfig = (name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPToolConfig',
  metadata: { name },
  spec,
});
const aWorkshop = (name: string, config: string) => ({
  apiVersion: 'test.example.com/v1',
  kind: 'Workshop',
  metadata: { name },
  spec: { toolConfigRef: { name: config } },
});

describe('an MCPToolConfig', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({
      modules: [mcpToolConfig, defineModule({ name: 'shops', kinds: [Workshop], reconcilers: [WorkshopReconciler] })],
    });
  });
  afterAll(() => harness.stop());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const config = (name: string) => harness.require(MCPToolConfig, name);
  const workshop = (name: string) => harness.require(Workshop, name);
  const edit = async (name: string, spec: object) => {
    await harness.patch(MCPToolConfig, name, { spec });
    await harness.settle();
  };

  it('is valid when empty, hashed, protected, and then left alone', async () => {
    await given(aToolConfig('empty', {}));

    const empty = await config('empty');
    expect(empty.metadata.finalizers).toEqual(['toolhive.stacklok.dev/toolconfig-finalizer']);
    expect(empty).toHaveCondition('Valid', {
      status: 'True',
      reason: 'ValidationSucceeded',
      message: 'Spec validation passed',
      observedGeneration: 1,
    });
    expect(empty.status).toMatchObject({ configHash: '5465b825', observedGeneration: 1, referenceCount: 0 });

    harness.forgetWrites();
    await harness.patch(MCPToolConfig, 'empty', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('is valid without a spec, too', async () => {
    const { spec: _, ...bare } = aToolConfig('bare', {});
    await given(bare);
    expect(await config('bare')).toHaveCondition('Valid', { status: 'True' });
    expect((await config('bare')).status).toMatchObject({ configHash: '5465b825' });
  });

  it('has one hash for a filter in any order, and another for another filter', async () => {
    await given(aToolConfig('ordered', { toolsFilter: ['tool1', 'tool2'] }));
    expect((await config('ordered')).status?.configHash).toBe('d38add3');
    await edit('ordered', { toolsFilter: ['tool2', 'tool1'] });
    expect((await config('ordered')).status).toMatchObject({ configHash: 'd38add3', observedGeneration: 2 });
    await edit('ordered', { toolsFilter: ['tool2'] });
    expect((await config('ordered')).status?.configHash).not.toBe('d38add3');
  });

  it('says what no proxy could start with, tells of it once, and heals', async () => {
    const problem = 'toolsOverride["a"]: at least one of name, description or annotations must be set';
    await given(aToolConfig('neither', { toolsOverride: { a: {} } }), aWorkshop('stopped', 'neither'));
    expect(await config('neither')).toHaveCondition('Valid', {
      status: 'False',
      reason: 'ValidationFailed',
      message: problem,
    });
    expect(await workshop('stopped')).toHaveCondition('ToolConfigValidated', {
      status: 'False',
      reason: 'ToolConfigNotValid',
      message: `MCPToolConfig 'neither' is not valid: ${problem}`,
    });

    await edit('neither', { toolsOverride: { a: { name: 'b' } } });
    expect(await config('neither')).toHaveCondition('Valid', { status: 'True', observedGeneration: 2 });
    expect(await workshop('stopped')).toHaveCondition('ToolConfigValidated', {
      status: 'True',
      reason: 'ToolConfigValid',
      message: "MCPToolConfig 'neither' is valid",
    });
    const events = (await harness.list(Event)).filter(({ regarding }) => regarding?.name === 'neither');
    expect(events.map(({ type, reason, note }) => [type, reason, note]).sort()).toEqual([
      ['Normal', 'ConfigValid', 'spec validation passed'],
      ['Warning', 'ConfigInvalid', `spec validation failed: ${problem}`],
    ]);
  });

  it.each([
    ['the same tool twice', { toolsFilter: ['a', 'a'] }],
    ['a tool without a name', { toolsFilter: [''] }],
    ['a comma in a name', { toolsFilter: ['a,b'] }],
    ['a line break in a name', { toolsFilter: ['a\nb'] }],
  ])('is refused at admission with %s in the filter', async (_, spec) => {
    await expect(harness.apply(aToolConfig('refused', spec))).rejects.toThrow(/spec\.toolsFilter/);
  });

  it('keeps a hint that is false, and says on its users that their proxy knows no hints', async () => {
    const toolsOverride = { rm: { annotations: { readOnlyHint: false } } };
    await given(aToolConfig('hinted', { toolsOverride }), aWorkshop('plain', 'hinted'));
    expect((await config('hinted')).spec.toolsOverride).toEqual(toolsOverride);
    expect(await workshop('plain')).toHaveCondition('ToolConfigValidated', {
      status: 'True',
      message: "MCPToolConfig 'hinted' is valid; annotations are not applied by Workshop",
    });
  });

  it('stays while any kind uses it, whichever it is, and goes with the last user', async () => {
    await given(aToolConfig('used', { toolsFilter: ['a'] }), aWorkshop('user', 'used'));
    await harness.delete(MCPToolConfig, 'used');
    await harness.settle();
    expect(await config('used')).toHaveCondition('DeletionBlocked', {
      status: 'True',
      reason: 'ReferencedByWorkloads',
      message: 'Cannot delete: referenced by workloads: [{Workshop user}]',
    });
    await harness.patch(Workshop, 'user', { spec: { toolConfigRef: { name: 'gone' } } });
    await harness.settle();
    expect(await harness.get(MCPToolConfig, 'used')).toBeUndefined();
    expect(await workshop('user')).toHaveCondition('ToolConfigValidated', {
      status: 'False',
      reason: 'ToolConfigNotFound',
      message: `MCPToolConfig 'gone' not found in namespace '${harness.namespace}'`,
    });
  });
});
