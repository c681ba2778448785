import { context, SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api';
import { describeOperation, type CallObserver } from '@trueup/kube';
import { messageOf } from '../errors.js';

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
  }) {
    const attributes = {
      'trueup.controller': reconcile.controller,
      'trueup.object': reconcile.key,
      'trueup.cause': reconcile.cause,
    };
    this.#span = tracer.startSpan(`reconcile ${reconcile.kind}`, { attributes, root: true });
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

function finish(span: Span, error: unknown): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  span.end();
}
