/**
 * The shape of catalog.yaml as JSON Schema: what may stand where, before any meaning.
 *
 * Unknown keys are refused, so that a misspelt `retension` is an error and not silently nothing. New keys may be added
 * to `strongroom/catalog/1` as long as they are optional. No `pattern` for values of customers: a backtracking regex
 * from a file would be a way to stop the server.
 */
import Type from 'typebox';

import {
  ART9_CONDITIONS,
  DATA_CLASSES,
  EXPIRY_ACTIONS,
  FIELD_TYPES,
  GATE_MODES,
  GATE_RULES,
  ID_NORMALISERS,
  LEGAL_BASES,
  MASK_KINDS,
} from './catalog.ts';

export const CATALOG_SCHEMA = 'strongroom/catalog/1';

const strict = { additionalProperties: false } as const;
const oneOf = <const T extends readonly string[]>(words: T) =>
  Type.Unsafe<T[number]>(Type.Enum([...words], { description: `one of ${words.join(', ')}` }));
const text = (what: string, maxLength = 2000) => Type.String({ minLength: 1, maxLength, description: what });
const list = (what: string) => Type.Array(text(what, 200), { maxItems: 1000, description: `a list, each ${what}` });

const RetentionShape = Type.Object(
  {
    after: Type.Optional(text('an event, such as account.closed', 100)),
    for: Type.Optional(text('an ISO 8601 duration, such as P2Y', 32)),
    action: Type.Optional(oneOf(EXPIRY_ACTIONS)),
  },
  { ...strict, description: 'after: <event>, for: <ISO 8601 duration>, and optionally action' },
);

const LimitShape = Type.Object(
  {
    after: Type.Optional(text('an event, such as account.closed', 100)),
    for: Type.Optional(text('an ISO 8601 duration, such as P10Y', 32)),
    law: text('the law that says so', 200),
  },
  { ...strict, description: 'after: <event>, for: <ISO 8601 duration>, law: <which>' },
);

const PurposeShape = Type.Object(
  {
    title: text('a short title', 200),
    description: Type.Optional(text('text')),
    legalBasis: Type.Optional(oneOf(LEGAL_BASES)),
    requiresConsent: Type.Optional(Type.Boolean({ description: 'true or false' })),
    art9: Type.Optional(oneOf(ART9_CONDITIONS)),
    sharedForAds: Type.Optional(Type.Boolean({ description: 'true or false' })),
    until: Type.Optional(text('the last day, YYYY-MM-DD', 10)),
  },
  { ...strict, description: 'a purpose: title, legalBasis, …' },
);

const FieldPurposeShape = Type.Union(
  [
    text('a purpose id', 200),
    Type.Object(
      {
        id: text('a purpose id', 200),
        legalBasis: Type.Optional(oneOf(LEGAL_BASES)),
        art9: Type.Optional(oneOf(ART9_CONDITIONS)),
        retention: Type.Optional(RetentionShape),
      },
      strict,
    ),
  ],
  { description: 'a purpose id such as service.support, or {id, legalBasis, art9, retention}' },
);

const SearchShape = Type.Union(
  [
    Type.Union([Type.Literal('exact'), Type.Literal('prefix'), Type.Literal('month')]),
    Type.Object(
      {
        exact: Type.Object(
          { unique: Type.Optional(Type.Boolean()), bits: Type.Optional(Type.Integer({ minimum: 4, maximum: 32 })) },
          strict,
        ),
      },
      strict,
    ),
  ],
  { description: 'exact, prefix, month, {exact: {unique: true}} or {exact: {bits: 4 to 32}}' },
);

const GateShape = Type.Union(
  [oneOf(GATE_RULES), Type.Record(Type.String({ maxLength: 50 }), oneOf(GATE_RULES), { maxProperties: 50 })],
  { description: 'pass, mask, refuse, or one of them for each of all, a class, or a type of finding' },
);

const FieldShape = Type.Object(
  {
    type: oneOf(FIELD_TYPES),
    class: oneOf(DATA_CLASSES),
    title: Type.Optional(text('a short title', 200)),
    description: Type.Optional(text('text')),
    purposes: Type.Optional(Type.Array(FieldPurposeShape, { maxItems: 100, description: 'a list of purposes' })),
    legalBasis: Type.Optional(oneOf(LEGAL_BASES)),
    art9: Type.Optional(oneOf(ART9_CONDITIONS)),
    retention: Type.Optional(RetentionShape),
    floor: Type.Optional(LimitShape),
    ceiling: Type.Optional(LimitShape),
    search: Type.Optional(
      Type.Union([Type.Literal('none'), SearchShape, Type.Array(SearchShape, { maxItems: 3 })], {
        description: 'none, exact, prefix, month, {exact: {unique: true}}, {exact: {bits: 4 to 32}}, or a list of them',
      }),
    ),
    mask: Type.Optional(oneOf(MASK_KINDS)),
    required: Type.Optional(Type.Boolean({ description: 'true or false' })),
    maxLength: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'a whole number from 1 to 65535' }),
    ),
    values: Type.Optional(list('a value')),
    country: Type.Optional(text('a country as two capital letters', 2)),
    category: Type.Optional(text('a term', 200)),
    source: Type.Optional(text('where it comes from', 200)),
    recipients: Type.Optional(list('a recipient')),
    portable: Type.Optional(Type.Boolean({ description: 'true or false' })),
    acknowledged: Type.Optional(text('the reason, by whom', 500)),
    minimise: Type.Optional(text('year, month, age>=18, prefix:3, ip or round:100', 20)),
    gate: Type.Optional(GateShape),
    ledger: Type.Optional(text('show, delay:P30D or hide:<reason in the law>', 200)),
    owner: Type.Optional(text('who answers for this field', 200)),
    justification: Type.Optional(text('why it is needed', 500)),
  },
  { ...strict, description: 'a field: type, class, purposes, …' },
);

const AttachmentsShape = Type.Object(
  {
    class: oneOf(DATA_CLASSES),
    title: Type.Optional(text('a short title', 200)),
    description: Type.Optional(text('text')),
    purposes: Type.Optional(Type.Array(FieldPurposeShape, { maxItems: 100, description: 'a list of purposes' })),
    legalBasis: Type.Optional(oneOf(LEGAL_BASES)),
    retention: Type.Optional(RetentionShape),
    floor: Type.Optional(LimitShape),
    ceiling: Type.Optional(LimitShape),
    category: Type.Optional(text('a term', 200)),
    source: Type.Optional(text('where they come from', 200)),
    recipients: Type.Optional(list('a recipient')),
    ledger: Type.Optional(text('show, delay:P30D or hide:<reason in the law>', 200)),
    owner: Type.Optional(text('who answers for them', 200)),
    justification: Type.Optional(text('why they are needed', 500)),
  },
  { ...strict, description: 'files beside a record: class, purposes, …' },
);

const CollectionShape = Type.Object(
  {
    title: text('a short title', 200),
    description: Type.Optional(text('text')),
    owner: text('who answers for this collection', 200),
    subject: Type.Optional(Type.Object({ category: text('whose records these are', 100) }, strict)),
    externalId: Type.Object(
      { name: text("the identifier's name at the source", 200), normalise: Type.Optional(oneOf(ID_NORMALISERS)) },
      { ...strict, description: 'name: <identifier at the source>, and optionally normalise' },
    ),
    retention: Type.Optional(RetentionShape),
    country: Type.Optional(text('a country as two capital letters', 2)),
    attachments: Type.Optional(AttachmentsShape),
    gate: Type.Optional(oneOf(GATE_MODES)),
    fields: Type.Record(Type.String(), FieldShape, { description: 'field names, each with its declaration' }),
  },
  { ...strict, description: 'a collection: title, owner, externalId, fields, …' },
);

const RecipientShape = Type.Object(
  {
    title: text('who it is', 200),
    country: Type.Optional(text('a country as two capital letters', 2)),
    safeguard: Type.Optional(text('what makes a transfer there lawful', 300)),
  },
  { ...strict, description: 'a recipient: title, country, safeguard' },
);

export const CatalogShape = Type.Object(
  {
    schema: Type.Literal(CATALOG_SCHEMA, { description: CATALOG_SCHEMA }),
    title: Type.Optional(text('a short title', 200)),
    purposes: Type.Record(Type.String(), PurposeShape, { description: 'purpose ids, each with title and legalBasis' }),
    events: Type.Optional(
      Type.Record(Type.String(), text('what happens then', 200), { description: 'event ids, each with a title' }),
    ),
    recipients: Type.Optional(
      Type.Record(Type.String(), RecipientShape, {
        description: 'recipients, each with title, and perhaps country, safeguard',
      }),
    ),
    collections: Type.Record(Type.String(), CollectionShape, {
      description: 'collection names, each with its declaration',
    }),
  },
  { ...strict, description: 'schema, purposes, collections, and optionally title and events' },
);

export type CatalogFile = Type.Static<typeof CatalogShape>;
export type CollectionFile = Type.Static<typeof CollectionShape>;
export type AttachmentsFile = Type.Static<typeof AttachmentsShape>;
export type FieldFile = Type.Static<typeof FieldShape>;
export type PurposeFile = Type.Static<typeof PurposeShape>;
export type LimitFile = Type.Static<typeof LimitShape>;
export type RetentionFile = Type.Static<typeof RetentionShape>;
export type SearchFile = Type.Static<typeof SearchShape>;
