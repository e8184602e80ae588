/** Numbers about this process for Prometheus, at an address of their own. */
export { createMetrics, type Metrics, type Readings } from './metrics.ts';
export { serveMetrics, type MetricsServer } from './serve.ts';
