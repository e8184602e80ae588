/** Maps: the numbers of other people's catalogues, none of their text; what is mapped to them, and how far they are covered. */
export { idsOf, MAP_NAMES, mapFaults, type MapName } from './catalogues.ts';
export { coverage } from './coverage.ts';
export { FAMILY_MAPS } from './families.ts';
