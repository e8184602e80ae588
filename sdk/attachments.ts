/**
 * Attachments: files of any size beside a record, sealed in chunks, streamed both ways. A name travels in a header and
 * never in a URL: it may say as much as the file.
 */
import type { Attachment, AttachmentList, AuditIndex, RecordId, StoredAttachment } from './contract.ts';
import { clientProblem } from './problem.ts';
import type { Body, CallOptions, Transport } from './transport.ts';
import { wholeBody } from './whole-body.ts';

/** An attachment by its name, or by its id. */
export type WhichAttachment = string | Readonly<{ id: string }>;
export type PutOptions = CallOptions &
  Readonly<{
    /** Media type to keep with it, such as `application/pdf`; a Blob brings its own. */
    type?: string | undefined;
    /** SHA-256 of the content, 64 hex digits: what arrives with another one is not stored. */
    sha256?: string | undefined;
  }>;
export type GetOptions = CallOptions &
  Readonly<{ /** Only these bytes, both inclusive. */ range?: Readonly<{ start: number; end: number }> | undefined }>;
export type AttachmentContent = Readonly<
  Required<Pick<Attachment, 'id' | 'name' | 'type' | 'sha256'>> & {
    /** Of `content`: all of the attachment, or the range. */
    sizeBytes: number;
    auditIndex: AuditIndex;
    /** Errors with `SDK_STREAM_CUT` when it ends before its end: throw away what was received. */
    content: ReadableStream<Uint8Array>;
  }
>;

export type Attachments = {
  /** Names are there as far as you may see the class in clear. */
  list: (recordId: RecordId, options?: CallOptions) => Promise<AttachmentList>;
  /**
   * Uploads, and replaces what has that name when all has arrived. A Blob, bytes or a function that opens the stream
   * anew can be retried; a bare stream is sent once. Browsers: pass the Blob of a file input.
   */
  put: (recordId: RecordId, name: string, content: Body, options?: PutOptions) => Promise<StoredAttachment>;
  get: (recordId: RecordId, which: WhichAttachment, options?: GetOptions) => Promise<AttachmentContent>;
  delete: (recordId: RecordId, which: WhichAttachment, options?: CallOptions) => Promise<unknown>;
};

export function createAttachments({ json, stream }: Transport): Attachments {
  const all = (id: RecordId): string => `/v1/vault/records/${encodeURIComponent(id)}/attachments`;
  const one = (id: RecordId, which: WhichAttachment) =>
    typeof which === 'string'
      ? { path: `${all(id)}/named`, headers: { 'strongroom-name': encodeURIComponent(which) } }
      : { path: `${all(id)}/${encodeURIComponent(which.id)}`, headers: {} };
  return {
    list: (id, options) => json({ method: 'GET', path: all(id), does: 'read' }, options),
    put: async (id, name, body, options = {}) => {
      const type = options.type ?? (body instanceof Blob && body.type !== '' ? body.type : undefined);
      const { path, headers } = one(id, name);
      const more = {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(options.sha256 === undefined ? {} : { 'repr-digest': digestHeader(options.sha256) }),
      };
      // the answer comes when the whole file is stored: the timer of one request would cut large ones off
      const call = { method: 'PUT', path, headers: { ...headers, ...more }, body, does: 'write' } as const;
      return (await (await stream(call, untimed(options))).json()) as StoredAttachment;
    },
    get: async (id, which, options = {}) => {
      const { range } = options;
      const { path, headers } = one(id, which);
      const more = range === undefined ? {} : { range: `bytes=${range.start}-${range.end}` };
      const accept = 'application/octet-stream';
      const call = { method: 'GET', path, headers: { ...headers, ...more }, accept, does: 'read' } as const;
      return contentOf(await stream(call, options));
    },
    delete: (id, which, options) => json({ method: 'DELETE', ...one(id, which), does: 'write' }, options),
  };
}

function contentOf(response: Response): AttachmentContent {
  const header = (name: string): string => {
    const value = response.headers.get(name);
    if (value !== null) return value;
    throw clientProblem(
      'SDK_NOT_STRONGROOM',
      `the answer has no header ${name}`,
      'is a proxy in between that takes headers away?',
    );
  };
  const sizeBytes = Number(header('content-length'));
  return {
    id: header('strongroom-attachment'),
    name: decodeURIComponent(header('strongroom-name')),
    type: header('strongroom-type'),
    sha256: hexOf(header('repr-digest')),
    sizeBytes,
    auditIndex: Number(header('strongroom-audit-index')),
    content: wholeBody(response.body ?? new Blob([]).stream(), sizeBytes),
  };
}

/** RFC 9530; by hand, because Buffer is not in browsers. */
function digestHeader(sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw clientProblem('SDK_REFUSED', 'sha256 is not 64 hex digits', 'give the SHA-256 of the content in hex');
  const letters = (sha256.match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return `sha-256=:${btoa(letters.join(''))}:`;
}

const hexOf = (header: string): string =>
  Array.from(atob(/sha-256=:([^:]+):/.exec(header)?.[1] ?? ''), (letter) =>
    letter.charCodeAt(0).toString(16).padStart(2, '0'),
  ).join('');

/** A day: longer than any upload, and still an end. */
const DAY_MS = 24 * 60 * 60 * 1000;
const untimed = (options: CallOptions): CallOptions => ({ ...options, timeoutMs: options.timeoutMs ?? DAY_MS });
