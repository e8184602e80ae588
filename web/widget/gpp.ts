/**
 * `__gpp` for vendors on a page of the company's, by the IAB's own library, fed by what the consent ledger holds. Which law a
 * visitor stands under is the page's to know: `<strongroom-consent gpp="tcfeuv2 usnat">` names its sections.
 *
 * INVARIANT: an opt-out is never said less of than the ledger has: one purpose that is not served, or the browser's signal,
 * and all three of them are out.
 */
import { CmpApi, CmpDisplayStatus, CmpStatus, SignalStatus } from '@iabgpp/cmpapi';

import { onSaid } from './on-said.ts';
import type { Said } from './said.ts';

const SECTIONS = { tcfeuv2: 2, usnat: 7 } as const;
type Section = keyof typeof SECTIONS;
const isSection = (name: string): name is Section => Object.hasOwn(SECTIONS, name);
/** Of the US National section: there is one, or there is none. */
const [YES, NO] = [1, 2];

let api: CmpApi | undefined;

function usNational(cmp: CmpApi, { ads, gpc }: Said): void {
  if (ads === null) {
    if (cmp.hasSection('usnat')) cmp.deleteSection('usnat');
    return;
  }
  const set = (field: string, value: unknown): void => cmp.setFieldValue('usnat', field, value);
  for (const what of ['Sale', 'Sharing', 'TargetedAdvertising']) {
    set(`${what}OptOutNotice`, YES);
    set(`${what}OptOut`, ads === 'out' || gpc ? YES : NO);
  }
  set('SharingNotice', YES);
  // no contract of the MSPA is behind it
  set('MspaCoveredTransaction', NO);
  set('Gpc', gpc);
}

onSaid((said, widget) => {
  const asked = (widget.getAttribute('gpp') ?? '').split(/\s+/).filter(isSection);
  const { cmp, tcString, asking } = said;
  if (asked.length === 0) return;
  const isFirst = api === undefined;
  if (api === undefined) {
    if (cmp === null) return;
    api = new CmpApi(cmp.id, cmp.version);
  }
  if (isFirst) {
    api.setSupportedAPIs(asked.map((name) => `${SECTIONS[name]}:${name}`));
    api.setApplicableSections(asked.map((name) => SECTIONS[name]));
  }
  if (asked.includes('tcfeuv2') && tcString !== null) api.setSectionString('tcfeuv2', tcString);
  // a string of before says what does not hold any more
  else if (api.hasSection('tcfeuv2')) api.deleteSection('tcfeuv2');
  if (asked.includes('usnat')) usNational(api, said);
  api.setCmpDisplayStatus(asking ? CmpDisplayStatus.VISIBLE : CmpDisplayStatus.HIDDEN);
  if (isFirst) api.setCmpStatus(CmpStatus.LOADED);
  for (const name of asked) if (api.hasSection(name)) api.fireSectionChange(name);
  api.setSignalStatus(asking ? SignalStatus.NOT_READY : SignalStatus.READY);
});
