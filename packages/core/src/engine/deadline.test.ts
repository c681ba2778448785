import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from '@trueup/testing';
import { pino } from 'pino';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import { deadlineOf } from './define-controller.js';
import type { Context } from './context.js';
import type { DesiredObject } from './reconciler.js';
import { Progress } from './progress.js';

const Task = defineKind({ group: 'deadline.example.com', kind: 'Task', versions: { v1: {} }, spec: z.object({}) });

/** Passes of each object, and why the first was aborted. */
const passes: string[] = [];
let reason: unknown;

@Reconciler(Task, { deadlineMs: 500 })
@Owns(ConfigMap)
class TaskReconciler {
  async desired({ metadata: { name } }: ObjectOf<typeof Task>, { signal }: Context): Promise<DesiredObject[]> {
    passes.push(name);
    if (name === 'hangs' && reason === undefined) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reason = signal.reason;
      signal.throwIfAborted();
    }
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }];
  }
}

describe('the deadline of a reconcile', () => {
  const lines: { readonly level: number; readonly msg: string; readonly error?: string }[] = [];
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({
      modules: [defineModule({ name: 'tasks', kinds: [Task], reconcilers: [TaskReconciler] })],
      logger: pino({ level: 'error' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    });
  });
  afterAll(() => harness.stop());

  it('aborts what hangs, says where, and tries again', async () => {
    await harness.apply({ apiVersion: 'deadline.example.com/v1', kind: 'Task', metadata: { name: 'hangs' }, spec: {} });
    await harness.settle();

    const message =
      `Task ${harness.namespace}/hangs: the reconcile has not ended within 500 ms; it hangs in desired(), waiting for ` +
      'something that is not an API call. Hand ctx.signal to whatever it awaits, or raise deadlineMs.';
    expect(reason).toMatchObject({ code: 'ERR_RECONCILE_TIMEOUT', message });
    expect(lines).toEqual([
      expect.objectContaining({ error: message, msg: 'reconcile took too long; it is retried once it ends' }),
    ]);
    expect(passes).toEqual(['hangs', 'hangs']);
    expect(await harness.get(ConfigMap, 'hangs')).toBeDefined();
  });

  it('names the API calls that are waited for', () => {
    const progress = new Progress();
    progress.step = 'the condition Ready';
    const end = progress.onCall({ verb: 'get', resource: ConfigMap.resource, namespace: 'a', name: 'one' });
    progress.onCall({ verb: 'list', resource: ConfigMap.resource, namespace: 'a' });
    expect(`${progress}`).toBe('in the condition Ready, waiting for get ConfigMap a/one and list ConfigMap in a');
    end();
    expect(`${progress}`).toBe('in the condition Ready, waiting for list ConfigMap in a');
  });

  it.each([0, -1, Number.NaN, Infinity, 2 ** 31])('refuses %p ms, which no timer can wait', (deadlineMs) => {
    expect(() => deadlineOf({ deadlineMs })).toThrow(expect.objectContaining({ code: 'ERR_OPTION_OUT_OF_RANGE' }));
  });
});
