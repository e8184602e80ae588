/**
 * `__tcfapi` for vendors on a page of the company's, by the IAB's own library, fed by what the consent ledger holds: the
 * widget on the same page says which string that is, and whether it is asking.
 *
 * INVARIANT: nothing is said before the server gave a string or the question is on the screen, and nothing at all where no
 * registered CMP is set.
 */
import { CmpApi } from '@iabtechlabtcf/cmpapi';

import type { Said } from './said.ts';

let api: CmpApi | undefined;
let last = '';

function hear({ tcString, cmp, asking }: Said): void {
  if (cmp === null || (tcString === null && !asking)) return;
  const said = `${asking} ${tcString}`;
  if (said === last) return;
  last = said;
  api ??= new CmpApi(cmp.id, cmp.version, true);
  api.update(tcString ?? '', asking);
}
const saidOf = (element: EventTarget | null): Said | undefined => (element as { said?: Said } | null)?.said;

addEventListener('strongroom-choices', ({ target }) => {
  const said = saidOf(target);
  if (said !== undefined) hear(said);
});
// it may have spoken before this was here
const there = saidOf(document.querySelector('strongroom-consent'));
if (there !== undefined) hear(there);
