/**
 * Attachments: files of any size beside a record, sealed in chunks, streamed both ways.
 */
import type { Attachment, RecordId } from './contract.ts';
import type { Body, CallOptions, Transport } from './transport.ts';

export type Attachments = {
  list: (recordId: RecordId, options?: CallOptions) => Promise<Readonly<{ attachments: readonly Attachment[] }>>;
  /**
   * Uploads. A Blob, bytes or a function that opens the stream anew can be retried; a bare stream is sent once.
   * Browsers: pass the Blob of a file input.
   */
  put: (recordId: RecordId, name: string, content: Body, options?: CallOptions) => Promise<unknown>;
  /** Downloads. A stream that errors was cut off: throw away what was received. */
  get: (recordId: RecordId, name: string, options?: CallOptions) => Promise<ReadableStream<Uint8Array>>;
  delete: (recordId: RecordId, name: string, options?: CallOptions) => Promise<unknown>;
};

export function createAttachments({ json, stream }: Transport): Attachments {
  const all = (id: RecordId): string => `/v1/vault/records/${encodeURIComponent(id)}/attachments`;
  const one = (id: RecordId, name: string): string => `${all(id)}/${encodeURIComponent(name)}`;
  return {
    list: (id, options) => json({ method: 'GET', path: all(id), does: 'read' }, options),
    put: async (id, name, body, options) => {
      // the answer comes when the whole file is stored: the timer of one request would cut large ones off
      const response = await stream({ method: 'PUT', path: one(id, name), body, does: 'change' }, untimed(options));
      return await response.json();
    },
    get: async (id, name, options) => {
      const call = { method: 'GET', path: one(id, name), accept: 'application/octet-stream', does: 'read' } as const;
      return (await stream(call, options)).body ?? new Blob([]).stream();
    },
    delete: (id, name, options) => json({ method: 'DELETE', path: one(id, name), does: 'change' }, options),
  };
}

/** A day: longer than any upload, and still an end. */
const DAY_MS = 24 * 60 * 60 * 1000;
const untimed = (options: CallOptions = {}): CallOptions => ({ ...options, timeoutMs: options.timeoutMs ?? DAY_MS });
