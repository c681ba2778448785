import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Harness, type ManifestObject } from '@trueup/testing';
import '@trueup/testing/matchers';
import type { RequestRecord } from '@trueup/kube';
import { pino } from 'pino';
import { z } from 'zod';
import { ConfigMap, Event, Secret } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { ReadsContents } from '../decorators/reads-contents.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { SharedConfig } from '../decorators/shared-config.js';
import type { Context } from '../engine/context.js';
import { SpecError } from '../errors.js';
import { conditions } from '../kind/conditions-schema.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { sharedConfigStatus } from '../kind/shared-config-status.js';
import { defineModule } from '../operator/module.js';
import { Operator } from '../operator/operator.js';
import { configRef } from '../references/config-ref.js';
import { formatContentRef } from './content-ref.js';

const Vault = defineKind({
  group: 'content.example.com',
  kind: 'Vault',
  versions: { v1: {} },
  spec: z.object({ secretName: z.string(), key: z.string().optional(), settings: z.string().optional() }),
  status: z.object({ conditions: conditions() }).partial(),
});
type Vault = ObjectOf<typeof Vault>;

@Reconciler(Vault)
@Owns(ConfigMap)
@ReadsContents(Secret, ConfigMap)
class VaultReconciler {
  desired({ metadata, spec }: Vault, ctx: Context) {
    const { digest } = this.#contents(spec, ctx);
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name, annotations: { digest } } }];
  }

  @Condition('SecretFound', { gate: true })
  secretFound({ spec }: Vault, ctx: Context): Verdict {
    const [missing] = this.#contents(spec, ctx).missing;
    if (missing !== undefined)
      return verdict.false('NotFound', `${formatContentRef(missing)} does not exist; create it`);
    return verdict.true('Found');
  }

  @Condition('Applied', { observes: [ConfigMap] })
  applied(_vault: Vault, ctx: Context): Verdict {
    return ctx.isApplied ? verdict.true('Applied') : verdict.false('Held', 'nothing is applied for now');
  }

  #contents({ secretName, key, settings }: Vault['spec'], ctx: Context) {
    return ctx.contents([
      { kind: 'Secret', name: secretName, ...(key === undefined ? {} : { key }) },
      ...(settings === undefined ? [] : [{ kind: 'ConfigMap' as const, name: settings, key: 'x', optional: true }]),
    ]);
  }
}

const Keyring = defineKind({
  group: 'content.example.com',
  kind: 'Keyring',
  versions: { v1: {} },
  spec: z.object({ secretName: z.string() }),
  status: sharedConfigStatus(),
});

@SharedConfig(Keyring)
class KeyringReconciler {
  @Condition('Valid')
  valid(): Verdict {
    return verdict.true('Valid');
  }
}

const Safe = defineKind({
  group: 'content.example.com',
  kind: 'Safe',
  versions: { v1: {} },
  spec: z.object({ keyringRef: z.object({ name: z.string() }) }),
  status: z.object({ conditions: conditions(), keyringHash: z.string() }).partial(),
});
const keyringRef = configRef({
  from: Safe,
  to: Keyring,
  name: ({ spec }) => spec.keyringRef.name,
  condition: 'KeyringUsable',
  hash: 'keyringHash',
});

/** Refuses a keyring, valid in itself, whose secret is missing. */
@Reconciler(Safe)
@References(keyringRef)
@Owns(ConfigMap)
@ReadsContents(Secret)
class SafeReconciler {
  desired({ metadata }: ObjectOf<typeof Safe>, ctx: Context) {
    const resolved = ctx.reference(keyringRef);
    const name = resolved.state === 'usable' ? resolved.config.spec.secretName : '';
    if (ctx.contents([{ kind: 'Secret', name }]).missing.length > 0) {
      throw new SpecError('no secret', { condition: { type: 'KeyringUsable', reason: 'SecretNotFound' } });
    }
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name } }];
  }
}

const vaults = defineModule({ name: 'vaults', kinds: [Vault], reconcilers: [VaultReconciler] });
const safes = defineModule({ name: 'safes', kinds: [Keyring, Safe], reconcilers: [KeyringReconciler, SafeReconciler] });

const aVault = (name: string, spec: object) => ({
  apiVersion: 'content.example.com/v1',
  kind: 'Vault',
  metadata: { name },
  spec,
});
const aSecret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const PASSWORD = 'correct-horse-battery-staple';

describe('content that an object names', () => {
  let harness: Harness;
  const logged: string[] = [];
  const requests: RequestRecord[] = [];

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [vaults, safes],
      logger: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    });
    harness.operator.client.onRequest((request) => requests.push(request));
  });
  afterAll(() => harness.stop());
  beforeEach(() => harness.forgetWrites());

  const given = async (...objects: readonly ManifestObject[]) => {
    await harness.apply(...objects);
    await harness.settle();
  };
  const digestOf = async (name: string) => (await harness.require(ConfigMap, name)).metadata.annotations?.['digest'];

  it('is a clear condition while it is missing, and heals when it appears', async () => {
    await given(aVault('early', { secretName: 'late', key: 'password' }));
    expect(await harness.require(Vault, 'early')).toHaveCondition('SecretFound', {
      status: 'False',
      message: 'Secret "late" key "password" does not exist; create it',
    });
    expect(await harness.get(ConfigMap, 'early')).toBeUndefined();
    expect(await harness.require(Vault, 'early')).toHaveCondition('Applied', { status: 'False' });
    await given(aSecret('late', { other: 'x' }));
    expect(await harness.require(Vault, 'early')).toHaveCondition('SecretFound', { status: 'False' });
    await given(aSecret('late', { other: 'x', password: PASSWORD }));
    expect(await harness.require(Vault, 'early')).toHaveCondition('SecretFound', { status: 'True' });
    expect(await digestOf('early')).toMatch(/^[0-9a-f]{32}$/);
    expect(await harness.require(Vault, 'early')).toHaveCondition('Applied', { status: 'True' });
  });

  it('is missing under a name that no object can have', async () => {
    await given(aVault('odd', { secretName: 'No such, name', key: 'password' }));
    expect(await harness.require(Vault, 'odd')).toHaveCondition('SecretFound', { status: 'False' });
  });

  it('reaches its users when it is rotated, and an unrelated key does not', async () => {
    await given(
      aSecret('rotated', { password: PASSWORD, other: '1' }),
      aVault('rotating', { secretName: 'rotated', key: 'password' }),
    );
    const before = await digestOf('rotating');
    harness.forgetWrites();
    await given(aSecret('rotated', { password: PASSWORD, other: '2' }));
    expect(harness.writes).toEqual([]);
    await given(aSecret('rotated', { password: `${PASSWORD}!`, other: '2' }));
    expect(await digestOf('rotating')).not.toBe(before);
    await given(aSecret('rotated', { password: PASSWORD, other: '2' }));
    expect(await digestOf('rotating')).toBe(before);
  });

  it('is an object as a whole where no key is named: every key counts, their order does not', async () => {
    await given(aVault('env-from', { secretName: 'whole' }));
    expect(await harness.require(Vault, 'env-from')).toHaveCondition('SecretFound', {
      status: 'False',
      message: 'Secret "whole" does not exist; create it',
    });
    await given(aSecret('whole', { a: '1', b: '2' }));
    const before = await digestOf('env-from');
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    await given(aVault('one-key-of-it', { secretName: 'whole', key: 'a' }));
    const ofKey = await digestOf('one-key-of-it');
    await given(aSecret('whole', { b: '2', a: '1' }));
    expect(await digestOf('env-from')).toBe(before);
    await given(aSecret('whole', { a: '1', b: '3' }));
    const changed = await digestOf('env-from');
    await given(aSecret('whole', { a: '1', b: '3', c: '' }));
    const extended = await digestOf('env-from');
    expect(new Set([before, changed, extended]).size).toBe(3);
    expect(await digestOf('one-key-of-it')).toBe(ofKey);
    await harness.delete(Secret, 'whole');
    await harness.settle();
    expect(await harness.require(Vault, 'env-from')).toHaveCondition('SecretFound', { status: 'False' });
  });

  it('counts a ConfigMap key as well, missing or not where it is optional', async () => {
    await given(
      aSecret('both', { password: PASSWORD }),
      aVault('optional', { secretName: 'both', key: 'password', settings: 'settings' }),
    );
    const before = await digestOf('optional');
    await given({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { x: '1' } });
    expect(await digestOf('optional')).not.toBe(before);
  });

  it('says the same for equal secrets under other names no more than for different ones', async () => {
    await given(
      aSecret('equal-a', { password: PASSWORD }),
      aSecret('equal-b', { password: PASSWORD }),
      aVault('a', { secretName: 'equal-a', key: 'password' }),
      aVault('b', { secretName: 'equal-b', key: 'password' }),
    );
    expect(await digestOf('a')).not.toBe(await digestOf('b'));
  });

  it('is still said to be missing by an operator that has just begun, and has not looked yet', async () => {
    const apiVersion = 'content.example.com/v1';
    await given(
      { apiVersion, kind: 'Keyring', metadata: { name: 'k' }, spec: { secretName: 'no-such' } },
      { apiVersion, kind: 'Safe', metadata: { name: 's' }, spec: { keyringRef: { name: 'k' } } },
    );
    const safe = await harness.require(Safe, 's');
    expect(safe).toHaveCondition('KeyringUsable', { status: 'False', reason: 'SecretNotFound' });
    const { connection } = harness.operator.client;
    const another = await Operator.create({
      modules: [safes],
      connection,
      namespaces: [harness.namespace],
      logger: pino({ level: 'silent' }),
      digestKey: 'another',
    });
    const written: string[] = [];
    another.client.onRequest(({ verb, resource: { kind } }) => {
      if (verb === 'patch' && kind === 'Safe') written.push(kind);
    });
    await another.start();
    await another.settle();
    await another.stop();
    expect(written).toEqual([]);
    expect(await harness.require(Safe, 's')).toEqual(safe);
  });

  it('is watched by its name and only while somebody names it', async () => {
    await given(
      aSecret('watched', { password: PASSWORD }),
      aVault('watcher', { secretName: 'watched', key: 'password' }),
    );
    const onSecrets = requests.filter(({ resource, verb }) => resource.kind === 'Secret' && verb !== 'get');
    expect(onSecrets.length).toBeGreaterThan(0);
    for (const { namespace, fieldSelector } of onSecrets) {
      expect({ namespace, fieldSelector }).toEqual({
        namespace: harness.namespace,
        fieldSelector: expect.stringMatching(/^metadata\.name=./),
      });
    }
    await harness.delete(Vault, 'watcher');
    await harness.settle();
    requests.length = 0;
    await given(aSecret('watched', { password: 'changed' }));
    expect(
      requests.filter(
        ({ resource, fieldSelector }) => resource.kind === 'Secret' && fieldSelector === 'metadata.name=watched',
      ),
    ).toEqual([]);
  });

  it('shows nowhere: not in logs, events, statuses, nor in what the operator wrote', async () => {
    const shown = [
      ...logged,
      ...requests.map((request) => JSON.stringify(request)),
      JSON.stringify(await harness.list(Event)),
      JSON.stringify(await harness.list(Vault)),
      JSON.stringify(await harness.list(ConfigMap)),
    ].join('\n');
    expect((await harness.list(Secret)).length).toBeGreaterThan(0);
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(Buffer.from(PASSWORD).toString('base64'));
  });
});
