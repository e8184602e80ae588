/** A second pair of eyes on exports: asked for, and said yes or no to by another person. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ExportRequest = Reply<'requestExport', '201'>;
type Listed = Readonly<{ requests: readonly ExportRequest[] }>;

export type ExportRequests = {
  mine: (options?: CallOptions) => Promise<Listed>;
  /** Of everybody, for who decides. */
  list: (options?: CallOptions) => Promise<Listed>;
  ask: (ask: Body<'requestExport'>, options?: CallOptions) => Promise<ExportRequest>;
  approve: (id: string, options?: CallOptions) => Promise<ExportRequest>;
  deny: (id: string, options?: CallOptions) => Promise<ExportRequest>;
};

export function createExportRequests({ json }: Transport): ExportRequests {
  const path = '/v1/access/export-requests';
  const of = (id: string, what: string): string => `${path}/${encodeURIComponent(id)}/${what}`;
  return {
    mine: (options) => json({ method: 'GET', path: `${path}/mine`, does: 'read' }, options),
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    ask: (ask, options) => json({ method: 'POST', path, json: ask, does: 'change' }, options),
    approve: (id, options) => json({ method: 'POST', path: of(id, 'approve'), does: 'change' }, options),
    deny: (id, options) => json({ method: 'POST', path: of(id, 'deny'), does: 'change' }, options),
  };
}
