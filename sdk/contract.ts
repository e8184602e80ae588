/**
 * The shapes that cross the wire, named and explained once. The server's own schema is docs/openapi.json.
 */

/** `sub_` and 26 letters. The person the data is about. */
export type SubjectId = string;
/** `rec_` and 39 letters; the first 26 are its subject's. */
export type RecordId = string;
/** What a field can hold; its type in the catalogue says which. Text at most 64 KiB. */
export type FieldValue = string | number | boolean;
/** A place in the audit log. Decimal text when beyond 2^53. */
export type AuditIndex = number | string;

/** Whose record it is: your own id of the person (kept as a keyed hash), or a subject known already. Left out: a new one. */
export type SubjectRef = Readonly<{ externalId: string } | { id: SubjectId }>;

export type NewRecord = Readonly<{
  collection: string;
  subject?: SubjectRef;
  fields: Readonly<Record<string, FieldValue>>;
  /** ISO 8601 instant after which the record is deleted. */
  expiresAt?: string;
}>;
export type CreatedRecord = Readonly<{ id: RecordId; subjectId: SubjectId; version: number; auditIndex: AuditIndex }>;
export type ChangedRecord = Readonly<{ id: RecordId; version: number; auditIndex: AuditIndex }>;

/** What a batch does with a record whose subject has one in this collection already. */
export type OnDuplicate = 'reject' | 'skip' | 'update';
export type Batch = Readonly<{
  collection: string;
  onDuplicate?: OnDuplicate;
  /** `text`: every value is text, read by its field's type, as from CSV. Default `json`. */
  values?: 'json' | 'text';
  /** At most 1,000. */
  records: readonly Omit<NewRecord, 'collection'>[];
}>;
export type ItemProblem = Readonly<{ code: string; detail: string; hint: string; field?: string }>;
export type BatchResult = Readonly<{
  /** Place in the batch, from 0. */
  index: number;
  status: 'created' | 'skipped' | 'updated' | 'rejected';
  id?: RecordId;
  subjectId?: SubjectId;
  version?: number;
  problem?: ItemProblem;
}>;
export type BatchReply = Readonly<{ results: readonly BatchResult[]; auditIndex: AuditIndex }>;

/**
 * One field as this reader may have it. `clear`: the value. `masked`: most of it hidden. `denied`: nothing, and
 * `because` says which rule.
 */
export type ReadField = Readonly<{
  state: 'clear' | 'masked' | 'denied';
  value?: FieldValue | null;
  masked?: string;
  because?: string;
}>;
export type ReadRecord = Readonly<{
  id: RecordId;
  subjectId: SubjectId;
  collection: string;
  version: number;
  fields: Readonly<Record<string, ReadField>>;
  /** The entry of the audit log that was durable before this answer left. */
  auditIndex?: AuditIndex;
}>;

export type RecordChange = Readonly<{
  /** A value replaces, null removes, a field left out stays. */
  fields?: Readonly<Record<string, FieldValue | null>>;
  expiresAt?: string | null;
}>;

/** Equal after normalisation; or begins with; or in that month of any year's date field. */
export type Condition = FieldValue | Readonly<{ prefix: string }> | Readonly<{ month: string }>;
export type SearchQuery = Readonly<{
  collection: string;
  where: Readonly<Record<string, Condition>>;
  fields?: readonly string[];
  /** At most 100. */
  limit?: number;
  cursor?: string;
}>;
export type SearchPage = Readonly<{ records: readonly ReadRecord[]; cursor?: string; auditIndex: AuditIndex }>;

export type Subject = Readonly<{ id: SubjectId; state: string; records: readonly RecordId[] }>;
/** Proof of erasure; keep it. Holds no value of the person. */
export type ErasureReceipt = Readonly<Record<string, unknown>> & Readonly<{ auditIndex: AuditIndex }>;

/** `random`: means nothing. `format`: looks like the value. `pairwise`: the same value for the same audience, another for others. */
export type TokenKind = 'random' | 'format' | 'pairwise';
export type NewToken = Readonly<{
  recordId: RecordId;
  field: string;
  kind: TokenKind;
  audience?: string;
  ttlSeconds?: number;
  maxUses?: number;
}>;
export type OpenedToken = ReadField & Readonly<{ recordId: RecordId; field: string; auditIndex: AuditIndex }>;

export type Attachment = Readonly<{ name: string; sizeBytes: number }> & Readonly<Record<string, unknown>>;

export type RotationKind = 'epoch' | 'keys' | 'root';
export type Job = Readonly<{ id: string; state: string; done?: number; total?: number }> &
  Readonly<Record<string, unknown>>;

export type NewKey = Readonly<{
  name: string;
  role: string;
  purposes?: readonly string[];
  classes?: readonly string[];
  collections?: readonly string[];
  expiresInDays?: number;
}>;
/** `key` is shown this once and stored nowhere. */
export type CreatedKey = Readonly<{ id: string; key: string }> & Readonly<Record<string, unknown>>;
export type KeyEntry = Readonly<{ id: string; name: string; role: string }> & Readonly<Record<string, unknown>>;
export type WhoAmI = Readonly<Record<string, unknown>>;
export type Health = Readonly<{ status: string; version: string }> & Readonly<Record<string, unknown>>;
