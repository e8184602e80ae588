/**
 * A server whose sensor and inspection are switched from outside, so that one process, warm as it is, is measured with and
 * without. argv: home, database. Says its URL, then that each switch is done.
 */
import { on } from 'node:events';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import type { InspectMode } from '#practices/traffic';

import { composeSystem } from '../../server/compose.ts';

export type Switches = Readonly<{ sensor: 'on' | 'off'; inspection: InspectMode }>;
export type Said = Readonly<
  { url: string } | { done: Readonly<{ dropped: number; looked: number; spentMs: number; slowestMs: number }> }
>;

const [STRONGROOM_HOME, DATABASE_URL] = process.argv.slice(2);
// a port of its own is a name of its own; it listens on a free one
const config = readConfig({ STRONGROOM_HOME, DATABASE_URL, STRONGROOM_LOG: 'silent', STRONGROOM_PORT: '7799' });
const system = await composeSystem(config, createLog('silent'));
const { traffic, http } = system;
const say = (said: Said): void => void process.send?.(said);

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

say({ url: await http.listen({ host: '127.0.0.1', port: 0 }) });
try {
  for await (const [{ sensor, inspection }] of on(process, 'message', { signal: stop.signal }) as AsyncIterable<
    [Switches]
  >) {
    // what waits of the round before is not of the next one
    await traffic.flush();
    traffic.requests.turn(sensor);
    traffic.inspection.turn(inspection);
    const { looked, spentMs, slowestMs } = traffic.inspection.health();
    say({ done: { dropped: traffic.health().requests.dropped, looked, spentMs, slowestMs } });
  }
} catch (thrown) {
  if (!stop.signal.aborted) throw thrown;
}
await system.close();
process.disconnect();
