/**
 * NIST Phish Scale: how hard a mail is to see through, by what gives it away and by how well it fits the reader's work.
 * Source: S. Dawkins, J. Jacobs, NIST TN 2276 (2023); M. Steves, K. Greene, M. Theofanos, Journal of Cybersecurity 6(1)
 * (2020). Where the latter's table has a cell of two levels (some cues, weak premise), the harder one of them is taken.
 */
export const CUE_KINDS = {
  'spelling-grammar': 'mistakes in spelling or grammar',
  inconsistency: 'parts of the mail do not agree with each other',
  attachment: 'a file that may be dangerous',
  'sender-mismatch': 'the name of the sender and the address do not belong together',
  'url-hidden': 'the text of a link hides where it leads',
  'domain-lookalike': 'a domain that only looks like the right one',
  'branding-missing': 'no marks of the sender where there should be some',
  'branding-imitated': 'marks that are imitated or out of date',
  'design-unprofessional': 'layout that nobody would send',
  'security-marks': 'seals or icons that promise safety',
  'legal-language': 'legal words, disclaimers, copyright',
  'distracting-detail': 'details that have nothing to do with it',
  'asks-sensitive': 'asks for a password or for data about people',
  urgency: 'presses for time',
  threat: 'threatens with what happens otherwise',
  'greeting-generic': 'no greeting, or one for anybody',
  'signer-missing': 'nothing about who signed it, and how to reach them',
  'plea-for-help': 'asks for help for somebody in need',
  'too-good': 'promises what is too good to be true',
  'just-for-you': 'something special, for you alone',
  'limited-offer': 'an offer that ends soon',
  'work-process': 'acts as a process of work',
  'poses-as-authority': 'acts as a colleague, a boss or an authority',
} as const;
export type CueKind = keyof typeof CUE_KINDS;

/** Each 0, 2, 4, 6 or 8: not at all, low, moderate, significant, extreme. */
export type Premise = Readonly<{
  mimicsWork: number;
  workRelevance: number;
  fitsEvents: number;
  consequences: number;
  /** How much there was of training about just this: taken off. */
  trained: number;
}>;

export type Level = 'least' | 'moderate' | 'very';
export type PhishRating = Readonly<{
  cues: 'few' | 'some' | 'many';
  premise: 'weak' | 'medium' | 'strong';
  level: Level;
}>;

const LEVELS: Readonly<Record<PhishRating['cues'], Readonly<Record<PhishRating['premise'], Level>>>> = {
  few: { weak: 'moderate', medium: 'very', strong: 'very' },
  some: { weak: 'moderate', medium: 'moderate', strong: 'very' },
  many: { weak: 'least', medium: 'moderate', strong: 'moderate' },
};

/** @param cueCount each time that a cue is seen in the mail counts */
export function ratePhish(cueCount: number, premise: Premise): PhishRating {
  const cues = cueCount <= 8 ? 'few' : cueCount <= 14 ? 'some' : 'many';
  const fit = premise.mimicsWork + premise.workRelevance + premise.fitsEvents + premise.consequences - premise.trained;
  const strength = fit <= 10 ? 'weak' : fit <= 17 ? 'medium' : 'strong';
  return { cues, premise: strength, level: LEVELS[cues][strength] };
} // prettier-ignore
