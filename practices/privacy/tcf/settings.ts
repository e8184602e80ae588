/** What of ours stands for what of the TCF, and the list of vendors that it is said about. */
import type { VendorList } from '@iabtechlabtcf/core';

import type { Catalog } from '#practices/collection';

import { choiceOf } from '../consent/said.ts';
import { privacyFailure } from '../failures.ts';

export type TcfPurpose = Readonly<{ purpose: string; tcf: readonly number[]; specialFeatures: readonly number[] }>;
export type TcfSettings = Readonly<{
  /** Given by IAB Europe to a registered CMP; null: strings are read and recorded, and none is written. */
  cmpId: number | null;
  cmpVersion: number;
  /** ISO 3166; AA: not said. */
  publisherCountry: string;
  /** Which vendor of the list we are; null: none, what counts is what was said to the publisher. */
  vendorId: number | null;
  purposes: readonly TcfPurpose[];
  /** Vendors that people are shown, and that what they say goes to. */
  vendors: readonly number[];
}>;
export type Partner = Readonly<{ id: number; name: string; privacy: string | null }>;

/** TCF 2.2: neither storing on a device nor personal advertising and content rest on a legitimate interest. */
const NEVER_LEGITIMATE_INTEREST: ReadonlySet<number> = new Set([1, 3, 4, 5, 6]);
const MOST_VENDOR_BYTES = 64 * 1024;
/** What a vendor declares, and where the list has it. */
const OF = {
  purposes: 'purposes',
  legIntPurposes: 'purposes',
  flexiblePurposes: 'purposes',
  specialPurposes: 'specialPurposes',
  features: 'features',
  specialFeatures: 'specialFeatures',
} as const;

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;

const isUrls = (value: unknown): boolean =>
  isMembers(value) && typeof value.langId === 'string' && typeof value.privacy === 'string';

/** The vendor list as the IAB publishes it, with what is needed of it checked. @throws PRIVACY_TCF_LIST_INVALID */
export function readVendorList(value: unknown): VendorList {
  const refuse = (where: string) => privacyFailure('TCF_LIST_INVALID', { detail: `this is no vendor list of the TCF: ${where}` }); // prettier-ignore
  if (!isMembers(value)) throw refuse('it is no object');
  if (!isNumber(value.vendorListVersion, 4095)) throw refuse('vendorListVersion');
  if (!isNumber(value.tcfPolicyVersion, 63)) throw refuse('tcfPolicyVersion');
  // 2 and 3 are those of TCF 2; what a string is made of is the same in both
  if (value.gvlSpecificationVersion !== 2 && value.gvlSpecificationVersion !== 3)
    throw refuse('gvlSpecificationVersion');
  if (typeof value.lastUpdated !== 'string' || Number.isNaN(Date.parse(value.lastUpdated))) throw refuse('lastUpdated');
  for (const name of ['purposes', 'specialPurposes', 'features', 'specialFeatures', 'vendors'] as const) {
    const members = value[name];
    if (!isMembers(members)) throw refuse(name);
    const most = name === 'vendors' ? 65_535 : 63;
    for (const [key, each] of Object.entries(members))
      if (!isMembers(each) || !isNumber(each.id, most) || key !== String(each.id) || typeof each.name !== 'string')
        throw refuse(`${name}.${each === null ? '' : /^\d{1,5}$/.test(key) ? key : '?'}`);
  }
  for (const [key, vendor] of Object.entries(value.vendors as Record<string, Members>)) {
    const { urls = [], policyUrl = '', deletedDate = '' } = vendor;
    if (typeof policyUrl !== 'string' || typeof deletedDate !== 'string' || !Array.isArray(urls) || !urls.every(isUrls))
      throw refuse(`vendors.${key}`);
    for (const name of Object.keys(OF) as (keyof typeof OF)[]) {
      const numbers = vendor[name] ?? [];
      if (!Array.isArray(numbers) || !numbers.every((each) => isNumber(each, 63)))
        throw refuse(`vendors.${key}.${name}`);
      const known = value[OF[name]] as Members;
      if (!numbers.every((each) => Object.hasOwn(known, String(each)))) throw refuse(`vendors.${key}.${name}`);
    }
  }
  return value as unknown as VendorList;
}

/** @throws PRIVACY_TCF_SETTINGS with what does not fit */
export function checkSettings(catalog: Catalog, list: VendorList, settings: TcfSettings): void {
  const refuse = (detail: string) => privacyFailure('TCF_SETTINGS', { detail });
  const seen = new Set<string>();
  for (const [at, { purpose: id, tcf, specialFeatures }] of settings.purposes.entries()) {
    const [purpose, where] = [catalog.purposes.get(id), `purposes[${at}]`];
    const choice = purpose === undefined ? 'none' : choiceOf(catalog, purpose);
    if (seen.has(id)) throw refuse(`${where}: this purpose stands there twice`);
    if (choice !== 'consent' && choice !== 'objection')
      throw refuse(`${where}: no purpose of the catalogue that somebody can decide on`);
    if (!tcf.every((each) => Object.hasOwn(list.purposes, String(each))))
      throw refuse(`${where}: tcf names a purpose that the vendor list does not have`);
    if (!specialFeatures.every((each) => Object.hasOwn(list.specialFeatures, String(each))))
      throw refuse(`${where}: specialFeatures names one that the vendor list does not have`);
    if (choice === 'objection' && (specialFeatures.length > 0 || tcf.some((each) => NEVER_LEGITIMATE_INTEREST.has(each))))
      throw refuse(`${where}: this rests on a legitimate interest, and the TCF takes no such for it`);
    seen.add(id);
  } // prettier-ignore
  const there = (id: number): boolean => {
    const vendor = list.vendors[String(id)];
    return vendor !== undefined && vendor.deletedDate === undefined;
  };
  if (!settings.vendors.every(there)) throw refuse('vendors names one that the vendor list does not have');
  if (settings.vendorId !== null && !there(settings.vendorId))
    throw refuse('vendorId is none that the vendor list has');
}

/** Of a list, what settings name: a string is made of nothing else, and a read of it stays small. */
export function partOf(list: VendorList, { vendors }: TcfSettings): VendorList {
  const kept = [...new Set(vendors)].map((id) => {
    const { name, purposes, legIntPurposes, flexiblePurposes, specialPurposes, features, specialFeatures, urls, policyUrl } = list.vendors[String(id)] as VendorList['vendors'][string]; // prettier-ignore
    const whole = { id, name: name.slice(0, 200), purposes, legIntPurposes, flexiblePurposes: flexiblePurposes ?? [], specialPurposes: specialPurposes ?? [], features: features ?? [], specialFeatures: specialFeatures ?? [], ...(urls === undefined ? {} : { urls }), ...(policyUrl === undefined ? {} : { policyUrl }) }; // prettier-ignore
    if (JSON.stringify(whole).length > MOST_VENDOR_BYTES) throw privacyFailure('TCF_LIST_INVALID', { detail: `vendors.${id} says too much` }); // prettier-ignore
    return [String(id), whole] as const;
  });
  const named = (members: Readonly<Record<string, { id: number }>>) =>
    Object.fromEntries(Object.keys(members).map((key) => [key, { id: Number(key), name: key, description: '' }]));
  return {
    gvlSpecificationVersion: list.gvlSpecificationVersion,
    vendorListVersion: list.vendorListVersion,
    tcfPolicyVersion: list.tcfPolicyVersion,
    lastUpdated: list.lastUpdated,
    purposes: named(list.purposes),
    specialPurposes: named(list.specialPurposes),
    features: named(list.features),
    specialFeatures: named(list.specialFeatures),
    stacks: {},
    dataCategories: {},
    vendors: Object.fromEntries(kept),
  } as unknown as VendorList;
}

/** Who people are shown, with where each says what it does; an address that no browser should open is none. */
export const partnersOf = (list: VendorList, language: string): readonly Partner[] =>
  Object.values(list.vendors).map(({ id, name, urls = [], policyUrl }) => {
    const privacy = (urls.find(({ langId }) => langId === language) ?? urls[0])?.privacy ?? policyUrl ?? '';
    return {
      id,
      name,
      privacy: privacy.startsWith('https://') && privacy.length <= 500 && URL.canParse(privacy) ? privacy : null,
    };
  });
