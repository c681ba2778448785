import type { Contents, Context } from '@trueup/core';
import { Client, clusterFromToken, silentLogger } from '@trueup/kube';

/** What a judge of shared configs has at hand when there is nothing around the config: no users, no contents, no server. */
export class JudgingContext implements Context {
  readonly signal = new AbortController().signal;
  readonly log = silentLogger;
  readonly client = new Client(clusterFromToken({ server: 'http://127.0.0.1:1', token: 'none' }));
  readonly now = new Date();
  readonly isDeleting = false;
  readonly conditions = [];
  readonly problems = [];
  readonly isApplied = false;

  get = () => undefined;
  list = () => [];
  owned = () => [];
  users = () => [];
  reference = () => ({ state: 'none' }) as const;
  references = () => new Map<string, never>();
  contents = (): Contents => ({ missing: [], digest: undefined });
  once = <V>(_key: string, compute: () => V): V => compute();
  hold(): void {}
  requeueAfter(): void {}
  event(): void {}
}
