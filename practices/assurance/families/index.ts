/** All control tests, by family. A family is a folder or a file; its tests stand in its list. */
import type { ControlTest } from '../kit/control-test.ts';
import { AUTHN } from './authn.ts';
import { AUTHZ } from './authz.ts';
import { MASK } from './mask.ts';

export const CONTROL_TESTS: readonly ControlTest[] = [...AUTHN, ...AUTHZ, ...MASK];

export const FAMILIES: readonly string[] = [...new Set(CONTROL_TESTS.map(({ family }) => family))];

/** In the order of the list. */
export const testsOf = (ids: readonly string[]): readonly ControlTest[] =>
  CONTROL_TESTS.filter(({ id }) => ids.includes(id));
