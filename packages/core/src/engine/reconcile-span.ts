import {
  context,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { describeOperation, type CallObserver, type Change, type KubernetesObject } from '@trueup/kube';
import { messageOf } from '../errors.js';
import type { Trigger } from '../queue/ready-keys.js';

/** Does nothing until the process has an OpenTelemetry SDK. */
const tracer = trace.getTracer('@trueup/core');

/** The OpenTelemetry span of one reconcile, with a span for each API call below it. */
export class ReconcileSpan {
  readonly #span: Span;
  readonly #context: Context;

  constructor(reconcile: {
    readonly controller: string;
    readonly kind: string;
    readonly key: string;
    readonly cause: string;
    readonly trigger?: Trigger | undefined;
  }) {
    const { trigger } = reconcile;
    const attributes = {
      'trueup.controller': reconcile.controller,
      'trueup.object': reconcile.key,
      'trueup.cause': reconcile.cause,
      ...(trigger && { 'trueup.trigger': trigger.object }),
    };
    const links = trigger?.span === undefined ? [] : [{ context: trigger.span }];
    this.#span = tracer.startSpan(`reconcile ${reconcile.kind}`, { attributes, links, root: true });
    this.#context = trace.setSpan(context.active(), this.#span);
  }

  /** For the client of the reconcile. */
  readonly onCall: CallObserver = (operation) => {
    const { verb, resource, subresource, namespace, name } = operation;
    const attributes = {
      'k8s.verb': verb,
      'k8s.resource.group': resource.group,
      'k8s.resource.kind': resource.kind,
      ...(subresource !== undefined && { 'k8s.subresource': subresource }),
      ...(namespace !== undefined && { 'k8s.namespace.name': namespace }),
      ...(name !== undefined && { 'k8s.object.name': name }),
    };
    // The name of a span is a class of things, not one of them.
    const kindOfCall = describeOperation({ verb, resource, ...(subresource !== undefined && { subresource }) });
    const span = tracer.startSpan(kindOfCall, { attributes, kind: SpanKind.CLIENT }, this.#context);
    return (error) => finish(span, error);
  };

  /** Runs with the span active, so that what the author's code traces belongs to it. */
  run<T>(reconcile: () => Promise<T>): Promise<T> {
    return context.with(this.#context, reconcile);
  }

  end(error: unknown): void {
    finish(this.#span, error);
  }
}

/**
 * The span of a change, to link the reconciles it causes to: that of the reconcile which made it, if it was made here, else
 * one of its own. Undefined when nothing is recorded.
 */
export function spanOfChange({
  origin,
  type,
  object,
  isInitialList,
}: Change<KubernetesObject>): SpanContext | undefined {
  if (isInitialList) return undefined;
  const { kind, metadata } = object;
  const attributes = {
    'trueup.change': type,
    ...(metadata.namespace !== undefined && { 'k8s.namespace.name': metadata.namespace }),
    'k8s.object.name': metadata.name,
  };
  const made = origin === undefined ? undefined : trace.getActiveSpan()?.spanContext();
  if (made !== undefined) return made;
  const span = tracer.startSpan(`watch ${kind}`, { attributes, kind: SpanKind.CONSUMER, root: true });
  span.end();
  return isSpanContextValid(span.spanContext()) ? span.spanContext() : undefined;
}

function finish(span: Span, error: unknown): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  span.end();
}
