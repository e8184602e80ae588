/**
 * Which ids other people's catalogues have: numbers only, no text of theirs. vectors/maps has the lists they were taken from.
 *
 * | map | catalogue |
 * |---|---|
 * | `asvs` | OWASP ASVS 5.0.0, all 345 |
 * | `wstg` | OWASP WSTG 4.2, all 97 |
 * | `csf` | NIST CSF 2.0, all 106 subcategories |
 * | `sp80053` | NIST SP 800-53 r5, what its HIGH and PRIVACY baselines have and a few more, as OSCAL writes it |
 * | `iso27001` | ISO/IEC 27001:2022 Annex A, all 93 |
 * | `soc2` | AICPA Trust Services Criteria 2017 (2022), all 61 |
 * | `cis` | CIS Controls 8.1, all 153 safeguards |
 * | `pci`, `attack` | PCI DSS 4.0.1, MITRE ATT&CK: their form alone |
 */
import type { Maps } from '../types.ts';
import { SP800_53, SP800_53_BEYOND } from './sp800-53.ts';

/** How many each section has, in order. */
const ASVS: readonly (readonly number[])[] = [
  [2, 10, 12, 3, 3], [3, 3, 5, 2], [1, 3, 5, 8, 8, 1, 5], [5, 5, 2, 4], [1, 6, 3, 3], [3, 12, 8, 6, 8, 4, 2, 4], [3, 4, 2, 5, 3, 2],
  [4, 4, 3, 2], [3, 4], [2, 3, 5, 16, 5, 2, 3], [4, 5, 5, 4, 2, 2, 2], [5, 2, 5], [4, 6, 4, 7], [2, 8, 3], [5, 5, 7, 4], [1, 5, 4, 3, 4], [2, 8, 2],
]; // prettier-ignore
const WSTG = { INFO: 10, CONF: 11, IDNT: 5, ATHN: 10, ATHZ: 4, SESS: 9, INPV: 19, ERRH: 2, CRYP: 4, BUSL: 9, CLNT: 13, APIT: 1 }; // prettier-ignore
/** Numbers that 2.0 left out are those of 1.1 that moved. */
const CSF: Readonly<Record<string, string>> = {
  'GV.OC': '1 2 3 4 5', 'GV.RM': '1 2 3 4 5 6 7', 'GV.RR': '1 2 3 4', 'GV.PO': '1 2', 'GV.OV': '1 2 3', 'GV.SC': '1 2 3 4 5 6 7 8 9 10',
  'ID.AM': '1 2 3 4 5 7 8', 'ID.RA': '1 2 3 4 5 6 7 8 9 10', 'ID.IM': '1 2 3 4', 'PR.AA': '1 2 3 4 5 6', 'PR.AT': '1 2', 'PR.DS': '1 2 10 11',
  'PR.PS': '1 2 3 4 5 6', 'PR.IR': '1 2 3 4', 'DE.CM': '1 2 3 6 9', 'DE.AE': '2 3 4 6 7 8', 'RS.MA': '1 2 3 4 5', 'RS.AN': '3 6 7 8',
  'RS.CO': '2 3', 'RS.MI': '1 2', 'RC.RP': '1 2 3 4 5 6', 'RC.CO': '3 4',
}; // prettier-ignore
const ISO_27001 = { 'A.5': 37, 'A.6': 8, 'A.7': 14, 'A.8': 34 };
const SOC2 = { CC1: 5, CC2: 3, CC3: 4, CC4: 2, CC5: 3, CC6: 8, CC7: 5, CC8: 1, CC9: 2, A1: 3, C1: 2, PI1: 5, P1: 1, P2: 1, P3: 2, P4: 3, P5: 2, P6: 7, P7: 1, P8: 1 }; // prettier-ignore
const CIS: readonly number[] = [5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5];

export type MapName = keyof Maps;

const upTo = (count: number, write: (n: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, n) => write(n + 1));
const two = (n: number | string): string => String(n).padStart(2, '0');

const LISTS: Readonly<Record<MapName, (() => readonly string[]) | null>> = {
  asvs: () => ASVS.flatMap((parts, c) => parts.flatMap((count, s) => upTo(count, (n) => `${c + 1}.${s + 1}.${n}`))),
  wstg: () => Object.entries(WSTG).flatMap(([part, count]) => upTo(count, (n) => `WSTG-${part}-${two(n)}`)),
  csf: () => Object.entries(CSF).flatMap(([part, numbers]) => numbers.split(' ').map((n) => `${part}-${two(n)}`)),
  sp80053: () =>
    [SP800_53, SP800_53_BEYOND].flatMap((lists) =>
      Object.entries(lists).flatMap(([part, numbers]) => numbers.split(' ').map((n) => `${part}-${n}`)),
    ),
  iso27001: () => Object.entries(ISO_27001).flatMap(([part, count]) => upTo(count, (n) => `${part}.${n}`)),
  soc2: () => Object.entries(SOC2).flatMap(([part, count]) => upTo(count, (n) => `${part}.${n}`)),
  cis: () => CIS.flatMap((count, c) => upTo(count, (n) => `${c + 1}.${n}`)),
  pci: null,
  attack: null,
};

/** All ids of a catalogue, in its order; null where only their form is known. */
export const idsOf = (map: MapName): readonly string[] | null => LISTS[map]?.() ?? null;

const FORMS = { pci: /^(?:[1-9]|1[0-2])(?:\.[1-9]\d?){1,3}$/, attack: /^T1\d{3}(?:\.\d{3})?$/ } as const;
export const MAP_NAMES: readonly MapName[] = ['asvs', 'wstg', 'csf', 'sp80053', 'iso27001', 'soc2', 'cis', 'pci', 'attack']; // prettier-ignore

/** @returns one sentence for each id that its catalogue does not have, or that is named twice */
export function mapFaults(tests: readonly Readonly<{ id: string; maps: Maps }>[]): readonly string[] {
  return MAP_NAMES.flatMap((map) => {
    const ids = idsOf(map);
    const known = ids === null ? null : new Set(ids);
    const isKnown = (id: string): boolean => known?.has(id) ?? FORMS[map as keyof typeof FORMS].test(id);
    return tests.flatMap(({ id: test, maps }) => {
      const named = maps[map] ?? [];
      return [
        ...named.filter((id) => !isKnown(id)).map((id) => `${test} maps to ${map} ${id}, which its list does not have`),
        ...named.filter((id, at) => named.indexOf(id) !== at).map((id) => `${test} maps to ${map} ${id} twice`),
      ];
    });
  });
}
