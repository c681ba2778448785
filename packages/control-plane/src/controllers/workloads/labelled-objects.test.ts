import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '../../object.js';
import type { ObjectEvent } from '../api.js';
import { hasLabels, LabelledObjects } from './labelled-objects.js';
import { SelectingServices } from './selecting-services.js';

const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'a/b'), fc.constantFrom('x', 'y'), { maxKeys: 3 });
/** What becomes of an object: it has these labels, or, without labels, is gone. */
const steps = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    namespace: fc.constantFrom('one', 'two'),
    labels: fc.option(labels, { nil: undefined }),
  }),
  { maxLength: 20 },
);

interface Step {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string> | undefined;
}

/** Plays the steps as the store would tell them. @returns the objects that are left, by name. */
function play(
  told: readonly Step[],
  make: (step: Step) => KubeObject,
  hear: (event: ObjectEvent) => void,
): KubeObject[] {
  const objects = new Map<string, KubeObject>();
  const resource = { group: '', plural: 'things' };
  for (const step of told) {
    const key = `${step.namespace}/${step.name}`;
    const old = objects.get(key);
    if (step.labels !== undefined) {
      const object = make(step);
      objects.set(key, object);
      hear({ type: old ? 'MODIFIED' : 'ADDED', resource, object, ...(old && { old }) });
    } else if (old !== undefined) {
      objects.delete(key);
      hear({ type: 'DELETED', resource, object: old, old });
    }
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

const aPod = ({ name, namespace, labels: given = {} }: Step): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `${namespace}/${name}`, labels: given },
});

const aService = ({ labels: selector, ...step }: Step): KubeObject => ({
  ...aPod({ ...step, labels: {} }),
  kind: 'Service',
  spec: { selector },
});

const nonEmpty = (selector: object) => Object.keys(selector).length > 0;

describe('an index by labels', () => {
  it('finds what a look at every object would find', () => {
    fc.assert(
      fc.property(steps, labels.filter(nonEmpty), (told, wanted) => {
        const pods = new LabelledObjects();
        const left = play(told, aPod, (event) => pods.observe(event));
        const expected = left.filter((pod) => pod.metadata.namespace === 'one' && hasLabels(pod, wanted));
        expect(pods.having('one', wanted)).toEqual(expected);
      }),
    );
  });
});

describe('an index of Services', () => {
  it('finds those that select a pod; one without a selector selects none', () => {
    fc.assert(
      fc.property(steps, labels, (told, ofPod) => {
        const services = new SelectingServices();
        const left = play(told, aService, (event) => services.observe(event));
        const pod = aPod({ name: 'p', namespace: 'one', labels: ofPod });
        const expected = left.filter(({ metadata, spec }) => {
          const { selector } = spec as { selector: Record<string, string> };
          return metadata.namespace === 'one' && nonEmpty(selector) && hasLabels(pod, selector);
        });
        const names = (objects: readonly Readonly<KubeObject>[]) => objects.map(({ metadata }) => metadata.name).sort();
        expect(names(services.of(pod))).toEqual(names(expected));
      }),
    );
  });
});
