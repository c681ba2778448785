import { ConfigMap, Deployment, findCondition, type ConditionStatus, type KindOf } from '@trueup/core';
import { systemClock, type Clock } from '@trueup/kube';
import type { Harness, ManifestObject } from '@trueup/testing';
import { judged, type Judgement } from './judged-configs.js';
import type { ReferenceCase, Reported } from './reference-cases.js';

/** One object that refers, and the config it names: of a row of the table, for one reference. */
export interface Referring extends ReferenceCase {
  /** Of the place in the spec, for messages: `MCPServer spec.toolConfigRef`. */
  readonly title: string;
  /** Of the referring object and of its config. */
  readonly name: string;
}

/** What of a referring object a reference decides. */
export interface Seen {
  readonly condition: ConditionStatus | undefined;
  readonly hash: unknown;
  /** Phase, message and the message of `Ready`, where they tell of references. */
  readonly summary: readonly unknown[] | undefined;
  /** What was made for it. */
  readonly children: unknown;
}

/** A clock that can be put forward, so that times differ without waiting. */
export class AdvancingClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    return systemClock.schedule(delayMs, callback);
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** Does the same for many objects at once, and looks at all of them when everything has settled. */
export class ReferringObjects {
  constructor(
    private readonly harness: Harness,
    readonly all: readonly Referring[],
  ) {}

  /** The same objects, of which the conditions are about another config by now. */
  naming(config: (referring: Referring) => string): ReferringObjects {
    return new ReferringObjects(
      this.harness,
      this.all.map((each) => {
        const { member } = each;
        return member === undefined ? each : { ...each, member: () => member(config(each)) };
      }),
    );
  }

  /** Applies the configs: the first of their specs unless another one is said. */
  async judge(judgement: Judgement, { spec = 0, of = ({ name }: Referring) => name } = {}): Promise<void> {
    await this.#apply((referring) => ({
      ...identity(referring.to, of(referring)),
      metadata: { name: of(referring), annotations: judged(judgement) },
      spec: referring.configs[spec],
    }));
  }

  /** Applies the referring objects: naming their config unless something else is said. */
  async refer({
    to = ({ name }: Referring): string | undefined => name,
    isEdited = false,
    labels = {},
  } = {}): Promise<void> {
    await this.#apply((referring) => ({
      ...identity(referring.from, referring.name),
      metadata: { name: referring.name, labels },
      spec: { ...referring.names(to(referring)), ...(isEdited ? referring.edit : {}) },
    }));
  }

  async label(kind: 'from' | 'to', labels: object): Promise<void> {
    await this.#each((referring) => this.harness.patch(referring[kind], referring.name, { metadata: { labels } }));
  }

  async delete(kind: 'from' | 'to'): Promise<void> {
    await this.#each((referring) => this.harness.delete(referring[kind], referring.name));
  }

  /** Takes away what is left of both, so that later rows have less to look through. */
  async remove(): Promise<void> {
    for (const side of ['from', 'to'] as const) {
      const left = await this.#stored(side);
      await Promise.all([...left].map(([each]) => this.harness.delete(each[side], each.name)));
    }
    await this.harness.settle();
  }

  /** Takes the configs away although they are in use. */
  async deleteConfigsByForce(): Promise<void> {
    await this.#each(async ({ to, name }) => {
      await this.harness.delete(to, name);
      await this.harness.patch(to, name, { metadata: { finalizers: [] } });
    });
  }

  async seen(): Promise<ReadonlyMap<Referring, Seen>> {
    const referring = await this.#stored('from');
    const children = await this.#children();
    return new Map(
      this.all.map((each) => {
        const { metadata, status } = referring.get(each) ?? { metadata: {} };
        const type = each.condition + (each.member?.(each.name) ?? '');
        const condition = findCondition(status?.conditions, type);
        const hash = each.hash === undefined ? undefined : status?.[each.hash];
        const ready = findCondition(status?.conditions, 'Ready')?.message;
        const summary = each.sums && [status?.['phase'], status?.['message'], ready];
        return [each, { condition, hash, summary, children: children.get(metadata.uid ?? '') }];
      }),
    );
  }

  /** The configs as they are now; those that do not exist are left out. */
  configs(): Promise<ReadonlyMap<Referring, Reported>> {
    return this.#stored('to');
  }

  async #stored(side: 'from' | 'to'): Promise<ReadonlyMap<Referring, Reported>> {
    const kinds = [...new Set(this.all.map((each): KindOf<Reported> => each[side]))];
    const listed = new Map(
      await Promise.all(kinds.map(async (kind) => [kind, await this.harness.list(kind)] as const)),
    );
    return new Map(
      this.all.flatMap((each) => {
        const found = listed.get(each[side])?.find(({ metadata }) => metadata.name === each.name);
        return found === undefined ? [] : [[each, found]];
      }),
    );
  }

  async #children(): Promise<ReadonlyMap<string, unknown>> {
    const [deployments, configMaps] = await Promise.all([this.harness.list(Deployment), this.harness.list(ConfigMap)]);
    const made = [
      ...deployments.map(({ kind, metadata, spec }) => ({ kind, metadata, content: spec })),
      ...configMaps.map(({ kind, metadata, data }) => ({ kind, metadata, content: data })),
    ];
    const byOwner = new Map<string, Record<string, unknown>>();
    for (const { kind, metadata, content } of made) {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? '';
      byOwner.set(owner, { ...byOwner.get(owner), [`${kind} ${metadata.name}`]: content });
    }
    return byOwner;
  }

  async #apply(manifest: (referring: Referring) => ManifestObject): Promise<void> {
    await this.#each((referring) => this.harness.apply(manifest(referring)));
  }

  async #each(work: (referring: Referring) => Promise<unknown>): Promise<void> {
    await Promise.all(this.all.map(work));
    await this.harness.settle();
  }
}

function identity({ resource }: KindOf, name: string) {
  return { apiVersion: `${resource.group}/${resource.version}`, kind: resource.kind, metadata: { name } };
}
