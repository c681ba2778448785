import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  context,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
  type Span,
  type SpanOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { Harness } from '@trueup/testing';
import { z } from 'zod';
import { ConfigMap } from '../builtin-kinds.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { Watches } from '../decorators/watches.js';
import { defineKind } from '../kind/define-kind.js';
import type { ObjectOf } from '../kind/kind.js';
import { defineModule } from '../operator/module.js';
import type { DesiredObject } from './reconciler.js';

/** What an OpenTelemetry SDK would be given. */
class RecordedSpan implements Span {
  isEnded = false;
  problem: string | undefined;

  constructor(
    readonly name: string,
    readonly options: SpanOptions,
    readonly parent: Span | undefined,
  ) {}

  readonly id = (spans.length + 1).toString(16);
  spanContext = () => ({ traceId: this.id.padStart(32, '0'), spanId: this.id.padStart(16, '0'), traceFlags: 1 });
  isRecording = () => true;
  setAttribute = () => this;
  setAttributes = () => this;
  addEvent = () => this;
  addLink = () => this;
  addLinks = () => this;
  updateName = () => this;
  recordException = () => undefined;
  setStatus = ({ message }: { readonly message?: string }) => {
    this.problem = message;
    return this;
  };
  end = () => {
    this.isEnded = true;
  };
}

const spans: RecordedSpan[] = [];
const startSpan = (name: string, options: SpanOptions = {}, context?: Context): RecordedSpan => {
  const span = new RecordedSpan(name, options, options.root === true || !context ? undefined : trace.getSpan(context));
  spans.push(span);
  return span;
};

const provider: TracerProvider = {
  getTracer: () => ({
    startSpan,
    startActiveSpan: () => {
      throw new Error('only startSpan is used');
    },
  }),
};

const storage = new AsyncLocalStorage<Context>();
/** What an OpenTelemetry SDK for Node.js brings. */
const contexts: ContextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (active, run, self, ...parameters) => storage.run(active, () => run.apply(self, parameters)),
  bind: (_, target) => target,
  enable: () => contexts,
  disable: () => contexts,
};

const Trace = defineKind({ group: 'tracing.example.com', kind: 'Trace', versions: { v1: {} }, spec: z.object({}) });
let fails = false;

@Reconciler(Trace)
@Owns(ConfigMap)
class TraceReconciler {
  desired({ metadata: { name } }: ObjectOf<typeof Trace>): DesiredObject[] {
    if (fails) {
      fails = false;
      throw new Error('it went wrong');
    }
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }];
  }
}

const Reader = defineKind({ group: 'tracing.example.com', kind: 'Reader', versions: { v1: {} }, spec: z.object({}) });

/** Reconciled when another one's child changes. */
@Reconciler(Reader)
@Watches(ConfigMap, { map: ({ metadata }) => [{ ...metadata, name: 'reader' }] })
class ReaderReconciler {}

describe('the spans of a reconcile', () => {
  let harness: Harness;

  beforeAll(async () => {
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(contexts);
    harness = await Harness.start({
      modules: [
        defineModule({ name: 'traces', kinds: [Trace, Reader], reconcilers: [TraceReconciler, ReaderReconciler] }),
      ],
    });
  });
  afterAll(async () => {
    await harness.stop();
    trace.disable();
    context.disable();
  });

  it('are one for the pass, and below it one for each API call', async () => {
    await harness.apply({ apiVersion: 'tracing.example.com/v1', kind: 'Trace', metadata: { name: 'one' }, spec: {} });
    await harness.settle();
    const [watched, pass, call] = spans;
    expect(pass).toMatchObject({
      name: 'reconcile Trace',
      parent: undefined,
      isEnded: true,
      problem: undefined,
      options: {
        attributes: {
          'trueup.controller': 'trace-controller',
          'trueup.object': `${harness.namespace}/one`,
          'trueup.cause': 'object',
          'trueup.trigger': `Trace ${harness.namespace}/one`,
        },
        links: [{ context: watched?.spanContext() }],
      },
    });
    expect(watched).toMatchObject({ name: 'watch Trace', isEnded: true });
    expect(call).toMatchObject({ name: 'patch ConfigMap', isEnded: true });
    expect(call?.options.attributes).toMatchObject({ 'k8s.verb': 'patch', 'k8s.object.name': 'one' });
    expect(call?.parent).toBe(pass);
  });

  it('are linked to the pass that made the change which caused them', async () => {
    await harness.apply({
      apiVersion: 'tracing.example.com/v1',
      kind: 'Reader',
      metadata: { name: 'reader' },
      spec: {},
    });
    await harness.settle();
    spans.length = 0;
    await harness.apply({ apiVersion: 'tracing.example.com/v1', kind: 'Trace', metadata: { name: 'told' }, spec: {} });
    await harness.settle();
    // Of another server the watch may tell of the change before the answer to the pass that made it.
    const mayTell = harness.controlPlane === undefined ? ['reconcile Trace', 'watch ConfigMap'] : ['reconcile Trace'];
    const tellers = spans.filter(({ name }) => mayTell.includes(name));
    const reader = spans.find(({ name }) => name === 'reconcile Reader');
    expect(reader?.options).toMatchObject({
      attributes: { 'trueup.cause': 'watched', 'trueup.trigger': `ConfigMap ${harness.namespace}/told` },
    });
    const [cause] = reader?.options.links ?? [];
    expect(tellers.map((teller) => teller.spanContext())).toContainEqual(cause?.context);
  });

  it('tell why a pass failed', async () => {
    spans.length = 0;
    fails = true;
    await harness.apply({ apiVersion: 'tracing.example.com/v1', kind: 'Trace', metadata: { name: 'two' }, spec: {} });
    await harness.settle();
    const passes = spans.filter(({ name }) => name === 'reconcile Trace');
    expect(passes.map(({ problem, options }) => [options.attributes?.['trueup.cause'], problem])).toEqual([
      ['object', 'it went wrong'],
      ['retry', undefined],
    ]);
  });
});
