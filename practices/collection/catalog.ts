/**
 * The catalogue as the system uses it: every default made explicit, every reference resolved, every rule checked.
 * Source: docs/formats/catalog.md (schema `strongroom/catalog/1`)
 */

/** How sensitive a field is, least first. */
export const DATA_CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

export const FIELD_TYPES = [
  'text',
  'name',
  'email',
  'phone',
  'date',
  'number',
  'integer',
  'boolean',
  'card',
  'iban',
  'address',
  'country',
  'postcode',
  'json',
  'choice',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** GDPR art. 6(1)(a) to (f), in the words of W3C DPV's legal-basis terms. */
export const LEGAL_BASES = [
  'consent',
  'contract',
  'legal-obligation',
  'vital-interest',
  'public-task',
  'legitimate-interest',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** GDPR art. 9(2)(a) to (j): one of them must hold before a field of class `special` may be processed. */
export const ART9_CONDITIONS = [
  'explicit-consent',
  'employment-social-law',
  'vital-interest',
  'nonprofit-members',
  'made-public',
  'legal-claims',
  'substantial-public-interest',
  'health-care',
  'public-health',
  'research-archive',
] as const;
export type Art9Condition = (typeof ART9_CONDITIONS)[number];

export const MASK_KINDS = ['email', 'phone', 'card', 'name', 'date', 'text', 'none', 'hide'] as const;
/** What a reader sees who may not see the value; `none` shows it, `hide` shows that there is one. */
export type MaskKind = (typeof MASK_KINDS)[number];

export const GATE_MODES = ['off', 'observe', 'warn', 'enforce'] as const;
/** What the gate does about what it finds: nothing, count, say so in the answer, or act. */
export type GateMode = (typeof GATE_MODES)[number];
export const GATE_RULES = ['pass', 'mask', 'refuse'] as const;
/** What becomes of a text in which something was found. */
export type GateRule = (typeof GATE_RULES)[number];

/** What a value is made before it is stored; `size` of age, prefix and round. */
export type Minimise = Readonly<{ kind: 'year' | 'month' | 'age' | 'prefix' | 'ip' | 'round'; size: number | null }>;

/** Whether the subject may see who looked at this field: at once, after a time, or not, for a reason in the law. */
export type Ledger =
  | Readonly<{ kind: 'show' }>
  | Readonly<{ kind: 'delay'; period: Retention['period']; for: string }>
  | Readonly<{ kind: 'hide'; because: string }>;

export const EXPIRY_ACTIONS = ['erase', 'coarsen', 'stop-use'] as const;
export type ExpiryAction = (typeof EXPIRY_ACTIONS)[number];

export type Purpose = Readonly<{
  /** Dotted id, such as `service.support`. */
  id: string;
  title: string;
  description: string | null;
  /** Null only at a parent that is there to group others; such a purpose cannot be used by a field. */
  legalBasis: LegalBasis | null;
  requiresConsent: boolean;
  art9: Art9Condition | null;
  /** Data is sold, shared or used for targeted advertising: a Global Privacy Control signal opts out of it. */
  sharedForAds: true | null;
  /** Last day, YYYY-MM-DD, on which data may arrive under it; null: no end. */
  until: string | null;
  /** The id without its last part, or null at the top. */
  parent: string | null;
}>;

export type Retention = Readonly<{
  /** The event the period starts at: one of `events`, or of BUILT_IN_EVENTS. */
  after: string;
  /** ISO 8601 duration as written, such as `P2Y6M`. */
  for: string;
  /** The same, taken apart; a week is seven days. */
  period: Readonly<{ years: number; months: number; days: number }>;
  /** What happens when the period is over. */
  action: ExpiryAction;
}>;

/** A law that holds whatever the purposes say: kept at least (floor) or at most (ceiling) so long after an event. */
export type Limit = Readonly<{ after: string; for: string; period: Retention['period']; law: string }>;

/** Why one field is held: the purpose with what holds for this very field. */
export type FieldPurpose = Readonly<{
  id: string;
  legalBasis: LegalBasis;
  requiresConsent: boolean;
  art9: Art9Condition | null;
  /** The purpose's own. */
  until: string | null;
  retention: Retention;
}>;

export type Search =
  /** `bits`: null for a full 16-byte index, else the size of a bucket index (docs/formats/blind-index.md §3). */
  | Readonly<{ kind: 'exact'; unique: boolean; bits: number | null }>
  /** First 2 to 8 letters of each word. */
  | Readonly<{ kind: 'prefix' }>
  /** Year and month of a date. */
  | Readonly<{ kind: 'month' }>;
export type SearchKind = Search['kind'];

export type FieldSpec = Readonly<{
  name: string;
  type: FieldType;
  class: DataClass;
  title: string;
  description: string | null;
  /** At least one. */
  purposes: readonly FieldPurpose[];
  search: readonly Search[];
  mask: MaskKind;
  required: boolean;
  /** Longest value, in UTF-16 code units; for json of its text. At most 65,535, and 65,535 bytes of UTF-8 always. */
  maxLength: number;
  /** What a `choice` may be; null for every other type. */
  values: readonly string[] | null;
  /** ISO 3166-1 alpha-2: where a phone number without country code is from. */
  country: string | null;
  /** Term of fideslang's data categories or of W3C DPV. */
  category: string | null;
  /** Where the value comes from: `subject`, a partner, another system. */
  source: string | null;
  /** Who else receives it. */
  recipients: readonly string[];
  /** Statutory least and longest time; null: none. */
  floor: Limit | null;
  ceiling: Limit | null;
  /** Whether the subject's copy (GDPR art. 20) contains it. */
  portable: boolean;
  /** Why a rule that would refuse this field was set aside, in a human's words. */
  acknowledged: string | null;
  /** Made coarser before it is stored; `type` is what is stored. */
  minimise: Minimise | null;
  /** By `all`, a class, or a type of finding; the nearest counts. Null: what is above the field's class is refused. */
  gate: Readonly<Record<string, GateRule>> | null;
  /** Null: show. */
  ledger: Ledger | null;
  /** Who answers for this very field; null: the collection's owner. */
  owner: string | null;
  /** Why so sensitive a field is needed. */
  justification: string | null;
}>;

export const ID_NORMALISERS = ['exact', 'text', 'email', 'phone'] as const;
export type IdNormaliser = (typeof ID_NORMALISERS)[number];

export type CollectionSpec = Readonly<{
  name: string;
  title: string;
  description: string | null;
  owner: string;
  /** Whose records these are: `customer`, `employee`. */
  subjectCategory: string;
  /** The identifier the source knows a subject by; it is stored as a blind index only. */
  externalId: Readonly<{ name: string; normalise: IdNormaliser }>;
  fields: ReadonlyMap<string, FieldSpec>;
  /** What files beside its records may be read for, as if they were one field; null: the collection takes none. */
  attachments: FieldSpec | null;
  /** Null: observe. */
  gate: GateMode | null;
}>;

/** Who receives data, and where: transfers to other countries are told of in the record of processing. */
export type Recipient = Readonly<{ title: string; country: string | null; safeguard: string | null }>;

export type Catalog = Readonly<{
  /** SHA-256 of the canonical form, 64 hex digits: two files that mean the same have the same version. */
  version: string;
  title: string | null;
  purposes: ReadonlyMap<string, Purpose>;
  /** Declared events and the built-in ones: id → title. */
  events: ReadonlyMap<string, string>;
  collections: ReadonlyMap<string, CollectionSpec>;
  /** Those that are declared; a field may name others. */
  recipients: ReadonlyMap<string, Recipient>;
}>;

/** Events that need no declaration, because the system itself knows when they happen. */
export const BUILT_IN_EVENTS: ReadonlyMap<string, string> = new Map([
  ['record.created', 'the record was stored'],
  ['record.updated', 'the record was last changed'],
  ['consent.withdrawn', 'the subject withdrew consent to the purpose'],
]);
