/**
 * One span for a request, and below it one for each decision, statement, opening and entry of the log.
 *
 * INVARIANT: a span has a name and attributes of the list below, whose values the code declares: patterns of routes, names of
 * actions, tables and failures. No path, no parameter of a statement, no message of an error, no id but the request's own,
 * which this server made. What a client sends as `traceparent` is not taken over.
 *
 * Everything of OpenTelemetry is loaded here, when there is an address: without one it costs nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

import type { Context, Span } from '@opentelemetry/api';

import { isFailure } from '#platform/failure';

type Attributes = Readonly<
  Partial<
    Record<
      | 'http.request.method'
      | 'http.route'
      | 'strongroom.request'
      | 'strongroom.action'
      | 'strongroom.decision'
      | 'db.system.name'
      | 'db.query.summary',
      string
    >
  >
>;

export type Traces = Readonly<{
  /** Begins the span of a request, which ends by `end`. */
  request: (name: string, attributes: Attributes) => OpenRequest;
  /** Below what is under way; where nothing is, it is no part of a request and has no span. */
  span: <T>(name: string, attributes: Attributes, work: () => Promise<T>) => Promise<T>;
  /** The same of what is over at once. */
  moment: (name: string, attributes: Attributes) => void;
  /** The same, ended by who began it; null where nothing is under way. */
  begin: (name: string, attributes: Attributes) => ((thrown?: unknown) => void) | null;
  /** Sends what is left, at most for a few seconds. */
  close: () => Promise<void>;
}>;
export type OpenRequest = Readonly<{
  /** Goes on inside it. */
  within: (go: () => void) => void;
  end: (status: number) => void;
}>;
export type TracesNeeds = Readonly<{ endpoint: string; percent: number; version: string }>;

const SEND_MS = 5000;

export async function openTraces({ endpoint, percent, version }: TracesNeeds): Promise<Traces> {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'strongroom', 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(percent / 100) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: endpoint, timeoutMillis: SEND_MS }) }),
    ],
  });
  const tracer = provider.getTracer('strongroom', version);
  const underWay = new AsyncLocalStorage<Context>();
  const failed = (span: Span, thrown: unknown): void => {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', isFailure(thrown) ? thrown.code : 'error');
  };
  const begin: Traces['begin'] = (name, attributes) => {
    const parent = underWay.getStore();
    if (parent === undefined) return null;
    const span = tracer.startSpan(name, { attributes }, parent);
    return (thrown) => {
      if (thrown !== undefined) failed(span, thrown);
      span.end();
    };
  };
  return {
    begin,
    moment: (name, attributes) => begin(name, attributes)?.(),
    request: (name, attributes) => {
      const span = tracer.startSpan(name, { attributes, kind: SpanKind.SERVER }, ROOT_CONTEXT);
      const context = trace.setSpan(ROOT_CONTEXT, span);
      return {
        within: (next) => underWay.run(context, next),
        end: (status) => {
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    span: async (name, attributes, work) => {
      const parent = underWay.getStore();
      if (parent === undefined) return work();
      const span = tracer.startSpan(name, { attributes }, parent);
      return underWay.run(trace.setSpan(parent, span), async () => {
        try {
          return await work();
        } catch (thrown) {
          failed(span, thrown);
          throw thrown;
        } finally {
          span.end();
        }
      });
    },
    close: async () => {
      // a receiver that does not answer keeps nobody from stopping
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, SEND_MS);
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}
