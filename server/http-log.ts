/**
 * A log read over HTTP for the verifier. What damage looks like there is told apart from a log that cannot be read: a
 * missing tile is a finding, and so is a server that says by itself that its log was changed.
 */
import { auditFailure, decodeBundle, tilePath, type LogSource } from '#platform/audit';

export type HttpLog = LogSource & Readonly<{ key: () => Promise<string>; proof: (index: number) => Promise<Buffer> }>;

export function httpLog({ url, bearer }: { url: string; bearer: string }): HttpLog {
  const find = async (path: string): Promise<Buffer | null> => {
    const response = await fetch(`${url}/v1/audit/${path}`, { headers: { authorization: `Bearer ${bearer}` } });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    if (problem.code === 'AUDIT_NOT_FOUND') return null;
    if (problem.code === 'AUDIT_TAMPERED')
      throw auditFailure('TAMPERED', { detail: problem.detail ?? 'the log was changed' });
    throw new Error(`${path}: ${response.status} ${problem.detail ?? ''}`);
  };
  const get = async (path: string): Promise<Buffer> => {
    const found = await find(path);
    if (found === null) throw new Error(`${path}: the log has no such thing`);
    return found;
  };
  return {
    checkpoint: async () => (await get('checkpoint')).toString('utf8'),
    bundle: async (index, width) =>
      decodeBundle((await find(`tile/${tilePath('entries', index, width)}`)) ?? Buffer.alloc(0)),
    tile: (level, index, width) => find(`tile/${tilePath(level, index, width)}`),
    key: async () => (await get('key')).toString('utf8'),
    proof: (index) => get(`entries/${index}/proof`),
  };
}
