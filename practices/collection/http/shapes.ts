/** Shapes of versions of the catalogue on their way over HTTP. */
import Type from 'typebox';

import { MAX_CATALOG_LENGTH } from '../catalog-yaml.ts';

const NULLABLE = Type.Union([Type.String(), Type.Null()]);

export const VersionId = Type.Object({ id: Type.String({ maxLength: 40, description: 'a version, or `active`' }) });
export const Document = Type.String({ maxLength: MAX_CATALOG_LENGTH, description: 'the text of catalog.yaml' });

const VERSION_MEMBERS = {
  id: Type.String(),
  hash: Type.String({ description: 'SHA-256 of what the document means: approval names it' }),
  state: Type.Enum(['proposed', 'approved', 'active', 'retired']),
  basedOn: NULLABLE,
  note: Type.String(),
  proposedBy: Type.String(),
  proposedAt: Type.String(),
  approvedBy: NULLABLE,
  approvedAt: NULLABLE,
  activatedBy: NULLABLE,
  activatedAt: NULLABLE,
  retiredAt: NULLABLE,
};
export const Version = Type.Object(VERSION_MEMBERS);
export const VersionWithDocument = Type.Object({ ...VERSION_MEMBERS, document: Document });

export const Change = Type.Object({
  path: Type.String(),
  kind: Type.String(),
  effect: Type.Enum(['breaking', 'rebuild', 'notice', 'safe']),
  says: Type.String(),
});
export const Diff = Type.Object({ compatible: Type.Boolean(), changes: Type.Array(Change) });
export const Problem = Type.Object({
  path: Type.String(),
  line: Type.Union([Type.Integer(), Type.Null()]),
  says: Type.String(),
  hint: Type.String(),
});
export const Linted = Type.Object({
  ok: Type.Boolean(),
  hash: NULLABLE,
  problems: Type.Array(Problem),
  warnings: Type.Array(Problem),
  diff: Type.Union([Diff, Type.Null()]),
});
