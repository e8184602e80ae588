/**
 * Records: create, read, change, delete, one by one or by the thousand.
 */
import type {
  Batch,
  BatchReply,
  ChangedRecord,
  CreatedRecord,
  NewRecord,
  ReadRecord,
  RecordChange,
  RecordId,
  SearchPage,
  SearchQuery,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ReadOptions = CallOptions & Readonly<{ /** Only these; left out: all. */ fields?: readonly string[] }>;
export type ReadOneOptions = ReadOptions &
  Readonly<{
    /** `masked`: for a first look; what you may see in clear says so in `may`. */
    show?: 'masked' | undefined;
    /** Why, in your own words, 3 to 500 characters. Kept in the log, sealed under the customer's key. */
    reason?: string | undefined;
  }>;

export type Records = {
  /**
   * Seals a record. Safe to repeat: the call carries an Idempotency-Key.
   * @example
   * const { id } = await room.records.create({
   *   collection: 'customer', subject: { externalId: 'C-1001' }, fields: { email: 'ada@example.org' },
   * });
   */
  create: (record: NewRecord, options?: CallOptions) => Promise<CreatedRecord>;
  /** Up to 1,000 records in one request. Each has its own outcome: look at `results[i].status`. */
  batch: (batch: Batch, options?: CallOptions) => Promise<BatchReply>;
  /**
   * Reads one record under a purpose, which the audit log holds before the answer leaves. What you may not see comes
   * back `masked` or `denied`, not as an error.
   */
  get: (id: RecordId, options?: ReadOneOptions) => Promise<ReadRecord>;
  /** Reads up to 1,000 records under one decision and one entry of the audit log. */
  read: (
    ids: readonly RecordId[],
    options?: ReadOptions,
  ) => Promise<Readonly<{ records: readonly ReadRecord[]; auditIndex: SearchPage['auditIndex'] }>>;
  /**
   * Changes some fields of the version you saw. When somebody was faster, this fails with status 412 and changes
   * nothing: read again, decide again.
   */
  update: (id: RecordId, version: number, change: RecordChange, options?: CallOptions) => Promise<ChangedRecord>;
  /** Deletes one record. To forget a person in every collection, use `subjects.erase`. */
  delete: (id: RecordId, options?: CallOptions) => Promise<unknown>;
};

export type Search = {
  /** One page of at most 100 hits; `cursor` is there when more follow. */
  page: (query: SearchQuery, options?: CallOptions) => Promise<SearchPage>;
  /**
   * Every hit, page after page, as it is asked for.
   * @example
   * for await (const record of room.search.all({ collection: 'customer', where: { last_name: { prefix: 'mül' } } })) …
   */
  all: (query: SearchQuery, options?: CallOptions) => AsyncGenerator<ReadRecord, void, undefined>;
};

const record = (id: RecordId): string => `/v1/vault/records/${encodeURIComponent(id)}`;

export function createRecords({ json }: Transport): Records {
  return {
    create: (body, options) => json({ method: 'POST', path: '/v1/vault/records', json: body, does: 'write' }, options),
    batch: (body, options) =>
      json({ method: 'POST', path: '/v1/vault/records/batch', json: body, does: 'write' }, options),
    get: (id, options = {}) =>
      json(
        {
          method: 'GET',
          path: record(id),
          query: { fields: options.fields?.join(','), show: options.show },
          ...(options.reason === undefined
            ? {}
            : { headers: { 'strongroom-reason': encodeURIComponent(options.reason) } }),
          does: 'read',
        },
        options,
      ),
    read: (ids, options = {}) => {
      const { fields } = options;
      const body = { ids, ...(fields === undefined ? {} : { fields }) };
      return json({ method: 'POST', path: '/v1/vault/records/read', json: body, does: 'read' }, options);
    },
    update: (id, version, change, options) =>
      json(
        { method: 'PATCH', path: record(id), headers: { 'if-match': `"${version}"` }, json: change, does: 'write' },
        options,
      ),
    delete: (id, options) => json({ method: 'DELETE', path: record(id), does: 'write' }, options),
  };
}

export function createSearch({ json }: Transport): Search {
  const page: Search['page'] = (query, options) =>
    json({ method: 'POST', path: '/v1/vault/records/search', json: query, does: 'read' }, options);
  return {
    page,
    async *all(query, options) {
      let cursor = query.cursor;
      do {
        const found = await page(cursor === undefined ? query : { ...query, cursor }, options);
        yield* found.records;
        cursor = found.cursor;
      } while (cursor !== undefined);
    },
  };
}
