/**
 * A log read over HTTP for the verifier. What damage looks like there is told apart from a log that cannot be read: a
 * missing tile is a finding, and so is a server that says by itself that its log was changed.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { auditFailure, type LogSource } from '#platform/audit';
import { decodeBundle, tilePath } from '#platform/tlog';

export type HttpLog = LogSource &
  Readonly<{
    key: () => Promise<string>;
    /** tlog-proof; waits up to 10 s for an entry that is not under a published checkpoint yet. */
    proof: (index: number, options: Readonly<{ withEntry: boolean }>) => Promise<string>;
  }>;
export type HttpLogOptions = Readonly<{
  url: string;
  /** Needed for entries only; null: checkpoints and tiles are open to all. */
  bearer: string | null;
}>;

const TIMEOUT_MS = 60_000;
const PUBLISH_WAIT_MS = 10_000;

type Problem = Readonly<{ code?: string; detail?: string; hint?: string }>;

export function httpLog({ url, bearer }: HttpLogOptions): HttpLog {
  const ask = async (path: string): Promise<Buffer | Problem> => {
    const response = await fetch(`${url.replace(/\/+$/, '')}/v1/audit/${path}`, {
      headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    const problem = (await response.json().catch(() => ({}))) as Problem;
    if (problem.code === 'AUDIT_TAMPERED')
      throw auditFailure('TAMPERED', { detail: problem.detail ?? 'the log was changed' });
    if (problem.code === 'AUDIT_NOT_FOUND' || problem.code === 'AUDIT_NOT_PUBLISHED') return problem;
    throw new Error(`${path}: ${response.status} ${problem.detail ?? ''}`);
  };
  const find = async (path: string): Promise<Buffer | null> => {
    const found = await ask(path);
    return Buffer.isBuffer(found) ? found : null;
  };
  const text = async (path: string): Promise<string> => {
    const found = await ask(path);
    if (!Buffer.isBuffer(found)) throw new Error(`${path}: ${found.detail ?? 'the log has no such thing'}`);
    return found.toString('utf8');
  };
  return {
    checkpoint: () => text('checkpoint'),
    witnessed: async () => (await find('witnessed'))?.toString('utf8') ?? null,
    bundle: async (index, width) => {
      const bytes = await find(`tile/${tilePath('entries', index, width)}`);
      try {
        return decodeBundle(bytes ?? Buffer.alloc(0));
      } catch (thrown) {
        if (!(thrown instanceof RangeError)) throw thrown;
        // bytes that are no entries hold none
        return [];
      }
    },
    tile: (level, index, width) => find(`tile/${tilePath(level, index, width)}`),
    key: async () => (await text('key')).trim(),
    proof: async (index, { withEntry }) => {
      const until = Date.now() + PUBLISH_WAIT_MS;
      for (;;) {
        const found = await ask(`entries/${index}/proof${withEntry ? '?with=entry' : ''}`);
        if (Buffer.isBuffer(found)) return found.toString('utf8');
        if (found.code !== 'AUDIT_NOT_PUBLISHED' || Date.now() > until)
          throw new Error(`entry ${index}: ${found.detail ?? 'the log has no such thing'}`);
        await sleep(500);
      }
    },
  };
}
