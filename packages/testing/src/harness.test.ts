import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConfigMap,
  defineKind,
  defineModule,
  deny,
  Mutates,
  permission,
  Permissions,
  Reconciler,
  requeueAfter,
  Secret,
  Validates,
  type AdmissionRequest,
  type Context,
  type CustomObject,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';
import { embeddedOnly } from './embedded-only.js';
import { Harness } from './harness.js';
import './condition-matchers.js';

const Job = defineKind({
  group: 'harness.example.com',
  kind: 'Job',
  versions: { v1: {} },
  spec: z.object({ does: z.enum(['nothing', 'fail', 'look again']) }),
});

@Reconciler(Job)
class JobReconciler {
  reconcile({ spec }: ObjectOf<typeof Job>) {
    if (spec.does === 'fail') throw new Error('it always fails');
    return spec.does === 'look again' ? requeueAfter(3_600_000) : undefined;
  }
}

const aJob = (name: string, does: string) => ({
  apiVersion: 'harness.example.com/v1',
  kind: 'Job',
  metadata: { name },
  spec: { does },
});

describe('the harness', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [defineModule({ name: 'jobs', kinds: [Job], reconcilers: [JobReconciler] })],
    });
  });
  afterAll(() => harness.stop());

  it('puts objects into a namespace of its own, from YAML too', async () => {
    await harness.apply(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n',
    );
    expect((await harness.require(ConfigMap, 'yaml')).metadata.namespace).toBe(harness.namespace);
    expect((await harness.list(ConfigMap)).map(({ metadata }) => metadata.name)).toContain('more');
  });

  it('does not wait for a look that is scheduled for later', async () => {
    await harness.apply(aJob('later', 'look again'));
    await expect(harness.settle({ timeoutMs: 5_000 })).resolves.toBeUndefined();
  });

  it('says what still moves when it does not settle', async () => {
    await harness.apply(aJob('failing', 'fail'));
    await expect(harness.settle({ timeoutMs: 800 })).rejects.toThrow(
      new RegExp(
        `still being reconciled: Job ${harness.namespace}/failing \\(failed \\d+ times in a row; see the log\\)`,
      ),
    );
    await harness.delete(Job, 'failing');
    await harness.settle();
  });

  it('names what is missing', async () => {
    expect(await harness.get(ConfigMap, 'nowhere')).toBeUndefined();
    await expect(harness.require(ConfigMap, 'nowhere')).rejects.toThrow(
      `ConfigMap ${harness.namespace}/nowhere does not exist`,
    );
  });
});

describe('an operator that does what it does not declare', () => {
  @Reconciler(Job)
  class CuriousReconciler {
    async reconcile({ metadata: { namespace } }: ObjectOf<typeof Job>, { client, signal }: Context) {
      await client.list(Secret.resource, { ...(namespace === undefined ? {} : { namespace }), signal });
    }
  }

  it('fails its test, with what it was refused', async () => {
    const harness = await Harness.start({
      modules: [defineModule({ name: 'jobs', kinds: [Job], reconcilers: [CuriousReconciler] })],
    });
    await harness.apply(aJob('curious', 'nothing'));
    const refused = `the operator was refused what it does not declare: list secrets in ${harness.namespace}. Declare it`;
    await expect(harness.settle()).rejects.toThrow(refused);
    await expect(harness.stop()).rejects.toThrow(refused);
  });
});

describe('an operator with webhooks', () => {
  const Room = defineKind({
    group: 'harness.example.com',
    kind: 'Room',
    versions: {
      v1: { storage: true },
      v1alpha1: {
        spec: z.object({ seats: z.string() }),
        convert: {
          toStored: ({ spec }: CustomObject<{ readonly seats: string }>) => ({ spec: { chairs: Number(spec.seats) } }),
          fromStored: ({ spec }) => ({ spec: { seats: String(spec.chairs) } }),
        },
      },
    },
    spec: z.object({ chairs: z.int() }),
  });

  @Reconciler(Room)
  @Permissions(permission(ConfigMap, 'list'))
  class RoomReconciler {
    @Mutates(ConfigMap, { objectSelector: { matchLabels: { about: 'rooms' } } })
    counted(config: ConfigMap): ConfigMap {
      return { ...config, data: { ...config.data, counted: 'yes' } };
    }

    @Validates(Room)
    async configured({ spec }: ObjectOf<typeof Room>, { client, namespace = '' }: AdmissionRequest) {
      const { items } = await client.list<ConfigMap>(ConfigMap.resource, { namespace });
      const most = items.find(({ data }) => data?.['counted'] === 'yes')?.data?.['most'];
      return spec.chairs > Number(most) ? deny(`${most} chairs at most`) : undefined;
    }
  }

  embeddedOnly('is asked by the API server, and may do what it declares while it answers', async () => {
    await using harness = await Harness.start({
      modules: [defineModule({ name: 'rooms', kinds: [Room], reconcilers: [RoomReconciler] })],
    });
    const aRoom = (spec: object, version = 'v1') => ({
      apiVersion: `harness.example.com/${version}`,
      kind: 'Room',
      metadata: { name: 'hall' },
      spec,
    });
    await harness.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'rooms', labels: { about: 'rooms' } },
      data: { most: '10' },
    });
    await expect(harness.apply(aRoom({ chairs: 11 }))).rejects.toThrow('denied the request: 10 chairs at most');
    await harness.apply(aRoom({ seats: '10' }, 'v1alpha1'));
    expect((await harness.require(Room, 'hall')).spec).toEqual({ chairs: 10 });
    await harness.settle();
  });
});

describe('toHaveCondition', () => {
  const object = {
    kind: 'Job',
    metadata: { name: 'a' },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Done',
          message: 'all 3 done',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  };

  it('compares the fields it is given', () => {
    expect(object).toHaveCondition('Ready');
    expect(object).toHaveCondition('Ready', { status: 'True', message: /3 done/ });
    expect(object).not.toHaveCondition('Ready', { reason: 'Other' });
    expect(object).not.toHaveCondition('Valid');
    expect({}).not.toHaveCondition('Ready');
  });

  it('shows all conditions when it fails', () => {
    expect(() => expect(object).toHaveCondition('Valid')).toThrow(
      'Job a: Valid is absent; its conditions are\n  Ready=True Done: all 3 done',
    );
    expect(() => expect(object).toHaveCondition('Ready', { status: 'False' })).toThrow(
      'Ready differs in status (expected False)',
    );
  });
});
