/**
 * `__tcfapi` for vendors on a page of the company's, by the IAB's own library, fed by what the consent ledger holds: the
 * widget on the same page says which string that is, and whether it is asking.
 *
 * INVARIANT: nothing is said before the server gave a string or the question is on the screen, and nothing at all where no
 * registered CMP is set.
 */
import { CmpApi } from '@iabtechlabtcf/cmpapi';

import { onSaid } from './on-said.ts';

let api: CmpApi | undefined;

onSaid(({ tcString, cmp, asking }) => {
  if (api === undefined) {
    if (cmp === null || (tcString === null && !asking)) return;
    api = new CmpApi(cmp.id, cmp.version, true);
  }
  // also that there is none any more
  api.update(tcString ?? '', asking);
});
