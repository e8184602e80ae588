/** Settings of what this server tells of itself: numbers and traces. */
import { accept, reject, type Parsed } from './parsed.ts';
import { setting, whole } from './setting.ts';
import { webAddress } from './web-addresses.ts';

export type ListenAddress = Readonly<{ host: string; port: number }>;

export const listenAddress = (raw: string): Parsed<ListenAddress> => {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(raw.trim()) ?? [];
  return host !== '' && Number(port) <= 65_535
    ? accept({ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) })
    : reject('address:port to listen on, such as 127.0.0.1:9464');
};

export const TELEMETRY_SETTINGS = {
  metrics: setting<ListenAddress | null>(
    'STRONGROOM_METRICS',
    'address and port of its own where Prometheus fetches /metrics; without it there are none',
    listenAddress,
    () => null,
  ),
  traces: setting<string | null>(
    'STRONGROOM_TRACES',
    'OTLP/HTTP address that traces are sent to, such as http://127.0.0.1:4318/v1/traces; without it there are none',
    webAddress,
    () => null,
  ),
  tracesPercent: setting(
    'STRONGROOM_TRACES_PERCENT',
    'requests of a hundred that are traced',
    whole(1, 100),
    () => 100,
  ),
} as const;
