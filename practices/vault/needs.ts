/** What the vault is handed by the collection practice: how values are checked before they are stored. */
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import type { CheckConsent } from './check-consent.ts';
import type { CheckValue } from './check-record.ts';
import type { Later } from './findings.ts';

/** What is to be stored where, and what for; null when no purpose was named. */
export type Way = Readonly<{ collection: CollectionSpec; purpose: string | null; later?: Later | undefined }>;
export type CheckWay<T> = (spec: FieldSpec, value: T, way: Way) => ReturnType<CheckValue>;
/** For values as JSON has them, and for text as CSV has it. */
export type VaultNeeds = {
  checkValue: CheckWay<unknown>;
  checkText: CheckWay<string>;
  /** Whether the subject stands against every purpose that the field has left. */
  checkConsent?: (spec: FieldSpec, way: Way, said: Parameters<CheckConsent>[2]) => ReturnType<CheckConsent>;
  /** A field that is not in the catalogue was refused. */
  onUndeclared?: (collection: CollectionSpec) => void;
};
