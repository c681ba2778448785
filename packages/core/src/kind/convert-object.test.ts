import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { customResourceDefinition } from './custom-resource-definition.js';
import { convertObject } from './convert-object.js';
import { defineKind } from './define-kind.js';
import type { CustomObject } from './kind.js';

const GROUP = 'example.com';
const oldSpec = z.object({ size: z.string().optional() });
type OldBox = CustomObject<z.output<typeof oldSpec>, { readonly full?: string }>;

const Box = defineKind({
  group: GROUP,
  kind: 'Box',
  versions: {
    v1: {},
    v2: { storage: true },
    v1alpha1: {
      spec: oldSpec,
      convert: {
        toStored: ({ spec: { size = '1x1' }, status, metadata }: OldBox) => {
          const [width, height] = size.split('x').map(Number);
          return {
            spec: { width, height },
            ...(status && { status: { isFull: status.full === 'yes' } }),
            metadata: { annotations: { ...metadata.annotations, 'example.com/size': size } },
          };
        },
        fromStored: ({ spec: { width = 1, height = 1 }, status }) => ({
          spec: { size: `${width}x${height}` },
          ...(status && { status: { full: status.isFull === true ? 'yes' : 'no' } }),
        }),
      },
    },
    v1beta1: {
      convert: {
        toStored: ({ spec }: CustomObject<{ readonly edge: number }>) => ({
          spec: { width: spec.edge, height: spec.edge },
        }),
        fromStored: ({ spec }) => ({ spec: { edge: spec.width } }),
      },
    },
  },
  spec: z.object({ width: z.int().optional(), height: z.int().optional() }),
  status: z.object({ isFull: z.boolean().optional() }),
});

const box = (version: string, content: object) => ({
  apiVersion: `${GROUP}/${version}`,
  kind: 'Box',
  metadata: { name: 'box', uid: 'u1', labels: { a: 'b' } },
  ...content,
});
const convert = (object: ReturnType<typeof box>, version: string) => convertObject(Box, object, `${GROUP}/${version}`);

describe('an object in another version', () => {
  it.each([
    {
      what: 'is converted to the stored one',
      from: box('v1alpha1', { spec: { size: '2x3' }, status: { full: 'yes' } }),
      to: {
        ...box('v2', { spec: { width: 2, height: 3 }, status: { isFull: true } }),
        metadata: { name: 'box', uid: 'u1', labels: { a: 'b' }, annotations: { 'example.com/size': '2x3' } },
      },
    },
    {
      what: 'is converted from the stored one',
      from: box('v2', { spec: { width: 2, height: 3 }, status: { isFull: false } }),
      to: box('v1alpha1', { spec: { size: '2x3' }, status: { full: 'no' } }),
    },
    {
      what: 'goes through the stored one when neither is it',
      from: box('v1beta1', { spec: { edge: 4 } }),
      to: box('v1alpha1', { spec: { size: '4x4' } }),
    },
    {
      what: 'keeps a status that the conversion leaves out',
      from: box('v1beta1', { spec: { edge: 4 }, status: { isFull: true } }),
      to: box('v2', { spec: { width: 4, height: 4 }, status: { isFull: true } }),
    },
    {
      what: 'is the same where nothing converts',
      from: box('v2', { spec: { width: 2 }, other: true }),
      to: box('v1', { spec: { width: 2 }, other: true }),
    },
    {
      what: 'has an empty spec when it has none',
      from: box('v2', {}),
      to: box('v1alpha1', { spec: { size: '1x1' } }),
    },
  ])('$what', ({ from, to }) => {
    const version = to.apiVersion.slice(GROUP.length + 1);
    expect(convert(from, version)).toEqual(to);
  });

  it('is not to be had in a version that the kind does not have', () => {
    expect(() => convert(box('v2', {}), 'v3')).toThrow('Box has no version example.com/v3');
    expect(() => convertObject(Box, box('v2', {}), 'other.com/v1')).toThrow('Box has no version other.com/v1');
  });
});

describe('the definition of a kind that converts', () => {
  it('names the webhook, and is refused where there is none', () => {
    const url = 'https://127.0.0.1/convert/boxes.example.com';
    expect(customResourceDefinition(Box, { url }).spec.conversion).toEqual({
      strategy: 'Webhook',
      webhook: { clientConfig: { url }, conversionReviewVersions: ['v1'] },
    });
    expect(() => customResourceDefinition(Box)).toThrow(expect.objectContaining({ code: 'ERR_KIND_INVALID' }));
  });

  it('gives the compiler what the stored version looks like', () => {
    const spec = z.object({ width: z.int() });
    const versions = { v2: { storage: true } };
    const kind = defineKind({
      group: GROUP,
      kind: 'Box',
      versions: {
        ...versions,
        v1: {
          convert: {
            // @ts-expect-error the stored version has a width
            toStored: () => ({ spec: { height: 1 } }),
            fromStored: ({ spec: { width } }) => ({ spec: { size: width.toFixed() } }),
          },
        },
      },
      spec,
    });
    expect(kind.resource.version).toBe('v2');
  });

  it('lets no conversion stand on the stored version', () => {
    const convert = { toStored: () => ({ spec: {} }), fromStored: () => ({ spec: {} }) };
    expect(() => defineKind({ group: GROUP, kind: 'Box', versions: { v1: { convert } }, spec: z.object({}) })).toThrow(
      'Box versions.v1.convert: this version is the stored one; let the others convert to and from it',
    );
  });
});
