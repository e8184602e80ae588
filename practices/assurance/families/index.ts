/** All control tests, by family. A family is a folder or a file; its tests stand in its list. */
import type { ControlTest } from '../kit/control-test.ts';
import { AUDIT } from './audit.ts';
import { AUTHN } from './authn.ts';
import { AUTHZ } from './authz.ts';
import { BACKUP } from './backup.ts';
import { CHAOS } from './chaos.ts';
import { COLLECTION } from './collection.ts';
import { CRYPTO } from './crypto.ts';
import { EDU } from './education.ts';
import { INJECT } from './inject.ts';
import { MASK } from './mask.ts';
import { MONITOR } from './monitor.ts';
import { NET } from './net.ts';
import { PRIVACY } from './privacy.ts';
import { SUPPLY } from './supply.ts';
import { TOKEN } from './token.ts';

/** What only looks comes before what makes alarms; what stops a part of the system comes last. */
export const CONTROL_TESTS: readonly ControlTest[] = [
  ...SUPPLY,
  ...BACKUP,
  ...NET,
  ...AUTHZ,
  ...MASK,
  ...CRYPTO,
  ...AUDIT,
  ...COLLECTION,
  ...PRIVACY,
  ...EDU,
  ...AUTHN,
  ...TOKEN,
  ...INJECT,
  ...MONITOR,
  ...CHAOS,
];

export const FAMILIES: readonly string[] = [...new Set(CONTROL_TESTS.map(({ family }) => family))];

/** In the order of the list. */
export const testsOf = (ids: readonly string[]): readonly ControlTest[] =>
  CONTROL_TESTS.filter(({ id }) => ids.includes(id));
