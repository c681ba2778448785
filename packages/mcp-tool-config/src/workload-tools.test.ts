import { describe, expect, it } from '@jest/globals';
import type { MCPToolConfig } from './resource.js';
import { completedSelection } from './tool-selection.js';
import { annotationsNotApplied, workloadTools } from './workload-tools.js';

const config = (spec: MCPToolConfig['spec']): MCPToolConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPToolConfig',
  metadata: { name: 'files', namespace: 'team' },
  spec,
});

describe('workloadTools', () => {
  it('gives the proxy filter, names and descriptions (7)', () => {
    const files = config({
      toolsFilter: ['get_file', 'list'],
      toolsOverride: { read_file: { name: 'get_file', description: 'Reads a file' } },
    });
    expect(workloadTools(files)).toEqual({
      filter: ['get_file', 'list'],
      override: { read_file: { name: 'get_file', description: 'Reads a file' } },
    });
  });

  it.each([
    ['nothing for an empty config', {}, {}],
    ['nothing for empty lists', { toolsFilter: [], toolsOverride: {} }, {}],
    [
      'no empty texts',
      { toolsOverride: { a: { name: '', description: 'd' } } },
      { override: { a: { description: 'd' } } },
    ],
    [
      'no annotations, and no override that has nothing else',
      { toolsOverride: { a: { name: 'x', annotations: { title: 'T' } }, b: { annotations: { readOnlyHint: true } } } },
      { override: { a: { name: 'x' } } },
    ],
    [
      'no override at all where all have only annotations',
      { toolsOverride: { a: { annotations: { title: 'T' } } } },
      {},
    ],
  ])('gives it %s', (_, spec, tools) => {
    expect(workloadTools(config(spec))).toEqual(tools);
  });

  it('gives both in one order, so that another order of the same tools restarts nothing', () => {
    const one = config({ toolsFilter: ['a', 'b'], toolsOverride: { a: { name: 'x' }, b: { name: 'y' } } });
    const other = config({ toolsFilter: ['b', 'a'], toolsOverride: { b: { name: 'y' }, a: { name: 'x' } } });
    expect(JSON.stringify(workloadTools(other))).toBe(JSON.stringify(workloadTools(one)));
  });
});

describe('annotationsNotApplied', () => {
  it('tells the user of a kind whose proxy knows no annotations', () => {
    const hinted = config({ toolsOverride: { rm: { name: 'delete', annotations: { destructiveHint: true } } } });
    expect(annotationsNotApplied(hinted, 'MCPServer')).toMatchObject({
      status: 'True',
      reason: 'ToolConfigValid',
      message: "MCPToolConfig 'files' is valid; annotations are not applied by MCPServer",
    });
  });

  it('has nothing to say without annotations', () => {
    expect(
      annotationsNotApplied(config({ toolsOverride: { a: { name: 'b', annotations: {} } } }), 'X'),
    ).toBeUndefined();
  });
});

describe('completedSelection', () => {
  const shared = config({
    toolsFilter: ['b', 'a'],
    toolsOverride: { read: { name: 'get', description: 'Reads' }, rm: { annotations: { readOnlyHint: false } } },
  });

  it('takes filter and overrides of the config, annotations with them, where the entry says nothing', () => {
    expect(completedSelection({ workload: 'srv' }, shared)).toEqual({
      workload: 'srv',
      filter: ['a', 'b'],
      overrides: { read: { name: 'get', description: 'Reads' }, rm: { annotations: { readOnlyHint: false } } },
    });
  });

  it('lets what the entry says win, tool by tool and without mixing', () => {
    const entry = { filter: ['z'], overrides: { read: { name: 'fetch' }, list: { name: 'ls' } } };
    expect(completedSelection(entry, shared)).toEqual({
      filter: ['z'],
      overrides: { read: { name: 'fetch' }, rm: { annotations: { readOnlyHint: false } }, list: { name: 'ls' } },
    });
  });

  it('takes an empty filter of the entry for none, and stays empty where the config is', () => {
    expect(completedSelection({ filter: [] }, shared).filter).toEqual(['a', 'b']);
    expect(completedSelection({ workload: 'srv', filter: [] }, config({}))).toEqual({ workload: 'srv' });
  });
});
