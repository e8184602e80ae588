/** Exports for analysis: profiles that two people agreed on, what leaves by them, counts with noise. */
import type { CountAnswer, CountAsk, Counts, ExportProfile, ExportProfileView, ExportRun } from './contract.ts';
import { clientProblem } from './problem.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Exports = {
  /** Those that hold or wait first. */
  profiles: (options?: CallOptions) => Promise<Readonly<{ profiles: readonly ExportProfileView[] }>>;
  /** It holds once somebody else approved it. */
  propose: (profile: ExportProfile, options?: CallOptions) => Promise<ExportProfileView>;
  /** @param hash of what was looked at */
  approve: (id: string, hash: string, options?: CallOptions) => Promise<ExportProfileView>;
  retire: (id: string, options?: CallOptions) => Promise<ExportProfileView>;
  /**
   * JSON lines, once they are measured: the answer begins when all has been read.
   * @param recipient X-Wing public key, base64url: then a file that only its holder can open; null: in clear
   */
  run: (
    id: string,
    recipient?: string | null,
    options?: CallOptions,
  ) => Promise<Readonly<{ run: string; body: ReadableStream<Uint8Array> }>>;
  /** Newest first, with their reports. */
  runs: (options?: CallOptions) => Promise<Readonly<{ runs: readonly ExportRun[] }>>;
  /** How many people, with noise. The same question gets the same answer, and is paid once. */
  count: (id: string, ask: CountAsk, options?: CallOptions) => Promise<CountAnswer>;
  /** Answers as they were given, and what is left of each budget. */
  counts: (options?: CallOptions) => Promise<Counts>;
};

/** A whole collection is read before the first byte of an answer. */
const PATIENCE_MS = 600_000;

export function createExports({ json, stream }: Transport): Exports {
  const path = '/v1/collection/exports';
  const of = (id: string, what: string): string => `${path}/profiles/${encodeURIComponent(id)}/${what}`;
  return {
    profiles: (options) => json({ method: 'GET', path: `${path}/profiles`, does: 'read' }, options),
    propose: (profile, options) =>
      json({ method: 'POST', path: `${path}/profiles`, json: profile, does: 'change' }, options),
    approve: (id, hash, options) =>
      json({ method: 'POST', path: of(id, 'approve'), json: { hash }, does: 'change' }, options),
    retire: (id, options) => json({ method: 'POST', path: of(id, 'retire'), does: 'change' }, options),
    run: async (id, recipient = null, options = {}) => {
      const sealed = typeof recipient === 'string';
      const headers = sealed ? { 'strongroom-recipient': recipient } : {};
      const accept = sealed ? 'application/octet-stream' : 'application/x-ndjson';
      const call = { method: 'POST', path: of(id, 'run'), headers, accept, does: 'read' } as const;
      const { body, headers: answered } = await stream(call, { timeoutMs: PATIENCE_MS, ...options });
      if (body !== null) return { run: answered.get('strongroom-export') ?? '', body };
      throw clientProblem('SDK_NOT_STRONGROOM', 'the export had no body', 'is a proxy in between?');
    },
    runs: (options) => json({ method: 'GET', path: `${path}/runs`, does: 'read' }, options),
    count: (id, ask, options = {}) =>
      json(
        { method: 'POST', path: of(id, 'counts'), json: ask, does: 'change' },
        { timeoutMs: PATIENCE_MS, ...options },
      ),
    counts: (options) => json({ method: 'GET', path: `${path}/counts`, does: 'read' }, options),
  };
}
