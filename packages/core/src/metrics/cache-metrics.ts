import type { Informer, InformerCounters, KubernetesObject } from '@trueup/kube';
import { Counter, Gauge, type Registry } from 'prom-client';
import { CHILD_CONFLICT } from '../conditions/child-conflict.js';
import type { Condition } from '../conditions/condition.js';
import type { ControllerDefinition } from '../engine/definition.js';
import { conditionOf } from '../references/config-refs.js';

type Informers = () => Iterable<Informer<KubernetesObject>>;

const COUNTERS: readonly (readonly [name: string, help: string, counter: keyof InformerCounters])[] = [
  ['trueup_watch_lists_total', 'Complete lists', 'lists'],
  ['trueup_watch_events_total', 'Events that watches brought', 'events'],
  ['trueup_watch_failures_total', 'Lists and watches that failed', 'failures'],
  ['trueup_cache_listener_errors_total', 'Exceptions of those who listen to a cache', 'listenerErrors'],
];

/** What the caches hold, and whether their watches live. Read off when asked for. */
export function addCacheMetrics(registry: Registry, informers: Informers, nowMs: () => number): void {
  const ofKind = { labelNames: ['group', 'kind'] as const, registers: [registry] };
  new Gauge({
    name: 'trueup_cache_objects',
    help: 'Objects in the cache',
    ...ofKind,
    collect() {
      for (const { resource, store } of informers()) this.set(labelsOf(resource), store.size);
    },
  });
  new Gauge({
    name: 'trueup_cache_bytes',
    help: 'Size of the objects in the cache as JSON, estimated from some of them; equal parts are held once',
    ...ofKind,
    collect() {
      for (const { resource, store } of informers()) this.set(labelsOf(resource), estimatedBytes(store.list()));
    },
  });
  new Gauge({
    name: 'trueup_watch_connected',
    help: '1 while the kind is being watched',
    ...ofKind,
    collect() {
      for (const { resource, state } of informers()) this.set(labelsOf(resource), state.phase === 'watching' ? 1 : 0);
    },
  });
  // A watch that broke off goes on ageing from where it was last seen.
  const lastEventMs = new Map<Informer<KubernetesObject>['resource'], number>();
  new Gauge({
    name: 'trueup_watch_last_event_age_seconds',
    help: 'How long ago the watch last brought something; bookmarks come about once a minute',
    ...ofKind,
    collect() {
      for (const { resource, state } of informers()) {
        if (state.phase === 'watching') lastEventMs.set(resource, state.lastEventMs);
        const last = lastEventMs.get(resource);
        if (last !== undefined) this.set(labelsOf(resource), (nowMs() - last) / 1000);
      }
    },
  });
  for (const [name, help, counter] of COUNTERS) {
    new Counter({
      name,
      help,
      ...ofKind,
      collect() {
        this.reset();
        for (const { resource, counters } of informers()) this.inc(labelsOf(resource), counters[counter]);
      },
    });
  }
}

/** So many objects tell how large the others are: writing all of them as JSON would take seconds. */
const SAMPLES = 32;

function estimatedBytes(objects: readonly KubernetesObject[]): number {
  const step = Math.max(1, objects.length / SAMPLES);
  let bytes = 0;
  let samples = 0;
  for (let position = 0; position < objects.length; position += step) {
    bytes += Buffer.byteLength(JSON.stringify(objects[Math.floor(position)]));
    samples += 1;
  }
  return samples === 0 ? 0 : Math.round((bytes / samples) * objects.length);
}

/**
 * How many objects have which condition. Only conditions that are declared count, a family as one, so that the number of
 * series does not grow with the objects.
 */
export function addConditionMetrics(
  registry: Registry,
  definitions: readonly Pick<ControllerDefinition, 'kind' | 'conditions' | 'references'>[],
  objectsOf: (kind: ControllerDefinition['kind']) => readonly KubernetesObject[],
): void {
  new Gauge({
    name: 'trueup_conditions',
    help: 'Objects by condition and its status; a family of conditions counts under its prefix',
    labelNames: ['group', 'kind', 'condition', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { kind, conditions, references } of definitions) {
        const declared = [
          ...conditions,
          { type: CHILD_CONFLICT, isFamily: false },
          ...references.map((ref) => ({ type: conditionOf(ref), isFamily: 'members' in ref })),
        ];
        for (const { type, status } of objectsOf(kind).flatMap(conditionsOf)) {
          const match = declared.find((each) => (each.isFamily ? type.startsWith(each.type) : type === each.type));
          if (match !== undefined) this.inc({ ...labelsOf(kind.resource), condition: match.type, status });
        }
      }
    },
  });
}

function labelsOf({ group, kind }: Informer<KubernetesObject>['resource']): Record<'group' | 'kind', string> {
  return { group, kind };
}

function conditionsOf(object: KubernetesObject): readonly Condition[] {
  const { status } = object as KubernetesObject & { readonly status?: { readonly conditions?: readonly Condition[] } };
  return status?.conditions ?? [];
}
