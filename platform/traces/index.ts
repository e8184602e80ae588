/** Traces of requests for whoever runs this: OpenTelemetry, sent by OTLP/HTTP to one address. */
export { openTraces, type Traces } from './traces.ts';
export { watchDb } from './watch-db.ts';
