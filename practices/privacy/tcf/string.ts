/** TC strings, read and written by the IAB's own library; read only after they were walked bit by bit (weigh.ts). */
import { GVL, RestrictionType, TCModel, TCString, type Vector, type VendorList } from '@iabtechlabtcf/core';

import { privacyFailure } from '../failures.ts';
import { Malformed, weigh } from './weigh.ts';

export type Restriction = Readonly<{
  purpose: number;
  rule: 'not allowed' | 'consent only' | 'legitimate interest only';
  vendors: readonly number[];
}>;
export type TcFacts = Readonly<{
  created: Date;
  lastUpdated: Date;
  cmpId: number;
  cmpVersion: number;
  screen: number;
  language: string;
  vendorListVersion: number;
  policyVersion: number;
  serviceSpecific: boolean;
  ownTexts: boolean;
  purposeOneTreatment: boolean;
  publisherCountry: string;
  specialFeatures: readonly number[];
  purposeConsents: readonly number[];
  purposeLegitimateInterests: readonly number[];
  vendorConsents: readonly number[];
  vendorLegitimateInterests: readonly number[];
  /** Null where the string does not say. */
  vendorsDisclosed: readonly number[] | null;
  publisher: Readonly<{ consents: readonly number[]; legitimateInterests: readonly number[] }> | null;
  restrictions: readonly Restriction[];
}>;

const DAY_MS = 86_400_000;
/** TCF 2.3: from the end of February 2026 on a string says which vendors were shown. */
const DISCLOSURE_FROM = new Date('2026-03-01T00:00:00Z');
const RULES = new Map<RestrictionType, Restriction['rule']>([
  [RestrictionType.NOT_ALLOWED, 'not allowed'],
  [RestrictionType.REQUIRE_CONSENT, 'consent only'],
  [RestrictionType.REQUIRE_LI, 'legitimate interest only'],
]);
const ids = (vector: Vector): number[] => [...vector.values()].toSorted((a, b) => a - b);

/** @throws PRIVACY_TCF_INVALID with what is wrong; nothing of the string is in it */
export function readTcString(text: string, now: Date): TcFacts {
  const refuse = (detail: string, cause?: unknown) => privacyFailure('TCF_INVALID', { detail: `this is no TC string: ${detail}`, cause }); // prettier-ignore
  try {
    const segments = weigh(text);
    const facts = factsOf(TCString.decode(text), segments);
    if (!/^[A-Z]{2}$/.test(facts.language) || !/^[A-Z]{2}$/.test(facts.publisherCountry))
      throw new Malformed('its language or country has no letters');
    if (facts.lastUpdated < facts.created) throw new Malformed('it was changed before it was made');
    if (facts.lastUpdated.getTime() > now.getTime() + DAY_MS) throw new Malformed('it was made in the future');
    if (facts.created >= DISCLOSURE_FROM && facts.vendorsDisclosed === null)
      throw new Malformed('it does not say which vendors were shown, as TCF 2.3 asks for');
    return facts;
  } catch (thrown) {
    // the library quotes what it was given
    throw refuse(thrown instanceof Malformed ? thrown.message : 'a number in it means nothing');
  }
}

const factsOf = (model: TCModel, segments: ReturnType<typeof weigh>): TcFacts => ({
  created: model.created,
  lastUpdated: model.lastUpdated,
  cmpId: Number(model.cmpId),
  cmpVersion: Number(model.cmpVersion),
  screen: Number(model.consentScreen),
  language: model.consentLanguage,
  vendorListVersion: Number(model.vendorListVersion),
  policyVersion: Number(model.policyVersion),
  serviceSpecific: model.isServiceSpecific,
  ownTexts: model.useNonStandardTexts,
  purposeOneTreatment: model.purposeOneTreatment,
  publisherCountry: model.publisherCountryCode,
  specialFeatures: ids(model.specialFeatureOptins),
  purposeConsents: ids(model.purposeConsents),
  purposeLegitimateInterests: ids(model.purposeLegitimateInterests),
  vendorConsents: ids(model.vendorConsents),
  vendorLegitimateInterests: ids(model.vendorLegitimateInterests),
  vendorsDisclosed: segments.has('disclosed') ? ids(model.vendorsDisclosed) : null,
  publisher: segments.has('publisher')
    ? { consents: ids(model.publisherConsents), legitimateInterests: ids(model.publisherLegitimateInterests) }
    : null,
  restrictions: model.publisherRestrictions.getRestrictions().map((each) => ({
    purpose: each.purposeId,
    rule: RULES.get(each.restrictionType) ?? 'not allowed',
    vendors: model.publisherRestrictions.getVendors(each),
  })),
});

export type TcSigns = Readonly<{
  cmpId: number;
  cmpVersion: number;
  publisherCountry: string;
  language: string;
  /** Of the person's last word; a string has the day alone (TCF 2.2). */
  at: Date;
  specialFeatures: readonly number[];
  consents: readonly number[];
  legitimateInterests: readonly number[];
  vendorConsents: readonly number[];
  vendorLegitimateInterests: readonly number[];
  vendorsDisclosed: readonly number[];
}>;

/** @param list the vendors that can be named, no more */
export function writeTcString(list: VendorList, signs: TcSigns): string {
  const gvl = new GVL(list, { language: signs.language.toUpperCase() });
  // the library keeps every list it ever saw; what is here is a part of one, and changes with the settings
  GVL.emptyCache();
  const model = new TCModel(gvl);
  const day = new Date(Math.floor(signs.at.getTime() / DAY_MS) * DAY_MS);
  Object.assign(model, {
    cmpId: signs.cmpId, cmpVersion: signs.cmpVersion, consentScreen: 1, publisherCountryCode: signs.publisherCountry,
    isServiceSpecific: true, created: day, lastUpdated: day,
  }); // prettier-ignore
  model.specialFeatureOptins.set([...signs.specialFeatures]);
  model.purposeConsents.set([...signs.consents]);
  model.purposeLegitimateInterests.set([...signs.legitimateInterests]);
  // what was said was said to the controller, who is the publisher here
  model.publisherConsents.set([...signs.consents]);
  model.publisherLegitimateInterests.set([...signs.legitimateInterests]);
  model.vendorConsents.set([...signs.vendorConsents]);
  model.vendorLegitimateInterests.set([...signs.vendorLegitimateInterests]);
  model.vendorsDisclosed.set([...signs.vendorsDisclosed]);
  return TCString.encode(model);
}
