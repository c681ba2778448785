import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { KubernetesObject } from '@trueup/core';
import { loadAll } from 'js-yaml';

/* What an existing operator made of given objects, recorded step by step; it lies beside the project and may be absent. */

const ROOT = path.resolve(import.meta.dirname, '../../../shared/reference');
const GOLDEN = path.join(ROOT, 'golden');

export type RecordedObject = KubernetesObject & { readonly [field: string]: unknown };

/** One thing that a step does. */
export type Deed =
  | { readonly do: 'apply'; readonly object: RecordedObject }
  | {
      readonly do: 'patch';
      readonly kind: string;
      readonly name: string;
      readonly status: boolean;
      readonly body: object;
    }
  | { readonly do: 'delete'; readonly kind: string; readonly name: string }
  /** How pods fare from here on, by the Deployment's name or `*`. */
  | { readonly do: 'behave'; readonly behaviours: Readonly<Record<string, string>> };

export interface Recording {
  readonly name: string;
  /** The namespace everything happens in. */
  readonly namespace: string;
  readonly steps: readonly { readonly deeds: readonly Deed[]; readonly result: readonly RecordedObject[] }[];
}

export const areThere = existsSync(GOLDEN);

/** Those that were recorded with the rules of the CRDs, and those without. */
export function recordings(): {
  readonly admitted: readonly Recording[];
  readonly beyondAdmission: readonly Recording[];
} {
  const all = [...recordingsIn('manifests'), ...recordingsIn('behaviours')];
  const isBeyond = ({ name }: Recording) => name.startsWith('nocel-');
  return { admitted: all.filter((each) => !isBeyond(each)), beyondAdmission: all.filter(isBeyond) };
}

/** The CustomResourceDefinitions of kinds that recorded objects refer to and nobody here defines. */
export function foreignDefinitions(ourPlurals: readonly string[]): readonly RecordedObject[] {
  return readdirSync(path.join(ROOT, 'crds'))
    .filter((file) => file.endsWith('.yaml') && !ourPlurals.includes(path.basename(file, '.yaml')))
    .flatMap((file) => documents(path.join(ROOT, 'crds', file)) as RecordedObject[]);
}

function recordingsIn(folder: string): readonly Recording[] {
  return readdirSync(path.join(GOLDEN, folder)).map((name) => {
    const at = path.join(GOLDEN, folder, name);
    const numbers = readdirSync(at).flatMap((file) => /^input(-\d+)?\.yaml$/.exec(file)?.slice(0, 1) ?? []);
    const steps = numbers
      .map((file) => file.slice('input'.length))
      .sort((a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10))
      .map((suffix) => ({
        deeds: documents(path.join(at, `input${suffix}`)).map(deedOf),
        result: documents(path.join(at, `result${suffix}`)) as RecordedObject[],
      }));
    return { name, namespace: namespaceOf(steps), steps };
  });
}

function documents(file: string): readonly unknown[] {
  return loadAll(readFileSync(file, 'utf8')).filter((document) => document !== null && document !== undefined);
}

function deedOf(document: unknown): Deed {
  const deed = document as {
    readonly patch?: string;
    readonly delete?: string;
    readonly body?: object;
    readonly fakeKubelet?: Readonly<Record<string, string>>;
  };
  if (deed.fakeKubelet !== undefined) return { do: 'behave', behaviours: deed.fakeKubelet };
  const [kind = '', name = '', subresource] = (deed.patch ?? deed.delete ?? '').split('/');
  if (deed.delete !== undefined) return { do: 'delete', kind, name };
  if (deed.patch !== undefined)
    return { do: 'patch', kind, name, status: subresource === 'status', body: deed.body ?? {} };
  return { do: 'apply', object: document as RecordedObject };
}

function namespaceOf(steps: Recording['steps']): string {
  for (const { deeds } of steps) {
    for (const deed of deeds)
      if (deed.do === 'apply' && deed.object.metadata.namespace) return deed.object.metadata.namespace;
  }
  throw new Error('a recording applies no object in a namespace');
}
