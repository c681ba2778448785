import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { VirtualMCPServer } from './resource.js';

const crd = customResourceDefinition(VirtualMCPServer);
const stored = crd.spec.versions.find((version) => version.storage);
const spec = stored?.schema.openAPIV3Schema.properties?.['spec'];

const least = { groupRef: { name: 'tools' }, incomingAuth: { type: 'anonymous' } };

describe('VirtualMCPServer', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('virtualmcpservers.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['vmcp', 'virtualmcp']);
    expect(
      crd.spec.versions.map(({ name, storage, deprecationWarning }) => ({ name, storage, deprecationWarning })),
    ).toEqual([
      {
        name: 'v1alpha1',
        storage: false,
        deprecationWarning: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1',
      },
      { name: 'v1beta1', storage: true, deprecationWarning: undefined },
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows phase, URL, backends, age and whether it is ready', () => {
    expect(stored?.additionalPrinterColumns?.map(({ name, type }) => [name, type])).toEqual([
      ['Phase', 'string'],
      ['URL', 'string'],
      ['Backends', 'integer'],
      ['Age', 'date'],
      ['Ready', 'string'],
    ]);
  });

  it('needs a group and a way in, and nothing else', () => {
    expect(spec?.required).toEqual(['groupRef', 'incomingAuth']);
    expect(validateSpec(VirtualMCPServer, least)).toEqual([]);
    expect(validateSpec(VirtualMCPServer, {}).map(({ path }) => path)).toEqual(['spec.groupRef', 'spec.incomingAuth']);
    expect(stored?.schema.openAPIV3Schema.required).toBeUndefined();
  });

  it('has its defaults filled in by the API server', () => {
    const defaults = Object.entries(spec?.properties ?? {}).flatMap(([name, field]) =>
      field.default === undefined ? [] : [[name, field.default]],
    );
    expect(Object.fromEntries(defaults)).toEqual({ serviceType: 'ClusterIP', sessionAffinity: 'ClientIP' });
  });

  it('explains every field', () => {
    const unexplained = referencePage(VirtualMCPServer)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it('keeps what is free in form as it was written', () => {
    const config = {
      compositeTools: [
        {
          name: 'triage',
          parameters: { type: 'object', properties: { q: { type: 'string' } } },
          steps: [{ id: 'a', tool: 'github.search', arguments: { query: '{{.params.q}}' }, defaultResults: [1, 'x'] }],
          output: { properties: { found: { type: 'object', properties: { n: { type: 'integer' } }, default: {} } } },
        },
      ],
    };
    const podTemplateSpec = { spec: { containers: [{ name: 'vmcp', resources: { limits: { cpu: '1' } } }] } };
    const parsed = VirtualMCPServer.definition.spec.parse({ ...least, config, podTemplateSpec });
    expect(parsed).toMatchObject({ config, podTemplateSpec });
  });

  it.each([
    {
      what: 'a duration without a unit',
      config: { codeMode: { toolCallTimeout: '30' } },
      path: 'codeMode.toolCallTimeout',
    },
    {
      what: 'a backend that is no URL',
      config: { backends: [{ name: 'a', url: 'ftp://a', transport: 'sse' }] },
      path: 'backends[0].url',
    },
    {
      what: 'a ratio that is no number',
      config: { optimizer: { hybridSearchSemanticRatio: 'half' } },
      path: 'optimizer.hybridSearchSemanticRatio',
    },
    {
      what: 'a search that gives too much',
      config: { optimizer: { maxToolsToReturn: 51 } },
      path: 'optimizer.maxToolsToReturn',
    },
    {
      what: 'a line break in a header',
      config: { optimizer: { embeddingHeaders: { a: 'b\nc' } } },
      path: 'optimizer.embeddingHeaders.a',
    },
    {
      what: 'a step without a name',
      config: { compositeTools: [{ name: 'a', steps: [{}] }] },
      path: 'compositeTools[0].steps[0].id',
    },
  ])('refuses $what', ({ config, path }) => {
    expect(validateSpec(VirtualMCPServer, { ...least, config })).toMatchObject([{ path: `spec.config.${path}` }]);
  });
});
