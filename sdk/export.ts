/**
 * Export: a whole collection as a stream, under one decision, in clear as far as you may see it, or sealed to a key.
 */
import type { ReadRecord } from './contract.ts';
import { readLines } from './ndjson.ts';
import { clientProblem } from './problem.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ExportQuery = Readonly<{ collection: string; fields?: readonly string[] }>;

export type Export = {
  /**
   * Record after record, in constant memory.
   * @example
   * for await (const record of room.export.records({ collection: 'customer' }, { purpose: 'audit' })) …
   * @throws SDK_STREAM_CUT when the connection ends before the export does
   */
  records: (query: ExportQuery, options?: CallOptions) => AsyncGenerator<ReadRecord, void, undefined>;
  /** The bytes of `records`, one JSON object a line. */
  jsonl: (query: ExportQuery, options?: CallOptions) => Promise<ReadableStream<Uint8Array>>;
  /** A file that only the holder of the recipient's private key can open. @param recipient X-Wing public key, base64url */
  sealed: (query: ExportQuery, recipient: string, options?: CallOptions) => Promise<ReadableStream<Uint8Array>>;
};

export function createExport({ stream }: Transport): Export {
  const open = async (
    { collection, fields }: ExportQuery,
    headers: Record<string, string>,
    options: CallOptions | undefined,
  ): Promise<ReadableStream<Uint8Array>> => {
    const query = { collection, fields: fields?.join(',') };
    const accept = headers['strongroom-recipient'] === undefined ? 'application/x-ndjson' : 'application/octet-stream';
    const call = { method: 'GET', path: '/v1/vault/export', query, headers, accept, does: 'read' } as const;
    const { body } = await stream(call, options);
    if (body !== null) return body;
    throw clientProblem('SDK_NOT_STRONGROOM', 'the export had no body', 'is a proxy in between?');
  };
  const jsonl: Export['jsonl'] = (query, options) => open(query, {}, options);
  return {
    jsonl,
    sealed: (query, recipient, options) => open(query, { 'strongroom-recipient': recipient }, options),
    async *records(query, options) {
      for await (const record of readLines(await jsonl(query, options))) yield record as ReadRecord;
    },
  };
}
