import { expect, it } from '@jest/globals';
import { Simulation } from '@trueup/testing/simulation';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';

const Nest = defineKind({ group: 'lost.example.com', kind: 'Nest', versions: { v1: {} }, spec: z.object({}) });

@Reconciler(Nest)
@Owns(ConfigMap)
class NestReconciler {
  desired({ metadata: { name } }: ObjectOf<typeof Nest>) {
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }];
  }
}

it('makes a child again at once, and less and less often when it is deleted each time', async () => {
  const made: number[] = [];
  const simulation = new Simulation({
    name: 'cuckoo',
    modules: [defineModule({ name: 'nests', kinds: [Nest], reconcilers: [NestReconciler] })],
    prepare: ({ api }) =>
      api.onEvent(({ type, resource, object: { metadata } }) => {
        if (type !== 'ADDED' || resource.plural !== 'configmaps' || metadata.name !== 'a') return;
        made.push(Date.parse(String(metadata.creationTimestamp)));
        if (made.length < 20) void api.delete(resource, metadata.namespace, 'a');
      }),
    steps: [
      {
        name: 'an egg',
        deeds: [
          {
            type: 'apply',
            objects: [{ apiVersion: 'lost.example.com/v1', kind: 'Nest', metadata: { name: 'a' }, spec: {} }],
          },
        ],
      },
    ],
  });
  await simulation.undisturbed();
  const [first = 0, second, last = 0] = [made[0], made[1], made.at(-1)];
  expect(second).toBe(first);
  expect(last - first).toBeGreaterThan(3_000);
});
