/** Names of cmi5 and xAPI, as statements say them. Source: cmi5 Quartz §9.3 (verbs), §9.5.5 and §9.6 (extensions, categories). */
const ADL = 'http://adlnet.gov/expapi/verbs/';
const W3ID = 'https://w3id.org/xapi/adl/verbs/';

export const VERBS = {
  launched: `${ADL}launched`,
  initialized: `${ADL}initialized`,
  completed: `${ADL}completed`,
  passed: `${ADL}passed`,
  failed: `${ADL}failed`,
  terminated: `${ADL}terminated`,
  abandoned: `${W3ID}abandoned`,
  waived: `${W3ID}waived`,
  satisfied: `${W3ID}satisfied`,
  voided: `${ADL}voided`,
} as const;
export type Verb = keyof typeof VERBS;
/** What a part states by itself; the others of cmi5 are made here. */
export const OF_PARTS: readonly Verb[] = ['initialized', 'completed', 'passed', 'failed', 'terminated'];

const CMI5 = 'https://w3id.org/xapi/cmi5/';
export const CATEGORY = { cmi5: `${CMI5}context/categories/cmi5`, moveOn: `${CMI5}context/categories/moveon` } as const;
export const EXTENSION = {
  session: `${CMI5}context/extensions/sessionid`,
  masteryScore: `${CMI5}context/extensions/masteryscore`,
  launchMode: `${CMI5}context/extensions/launchmode`,
  launchUrl: `${CMI5}context/extensions/launchurl`,
  moveOn: `${CMI5}context/extensions/moveon`,
  launchParameters: `${CMI5}context/extensions/launchparameters`,
  progress: `${CMI5}result/extensions/progress`,
  reason: `${CMI5}result/extensions/reason`,
} as const;
export const TYPE = { block: `${CMI5}activitytype/block`, course: `${CMI5}activitytype/course` } as const;

export const LAUNCH_DATA = 'LMS.LaunchData';
export const PREFERENCES = 'cmi5LearnerPreferences';
/** Of the transport (xAPI Communication §3.3), and of statements (Data §2.4.10). */
export const XAPI_VERSION = '1.0.3';
export const STATEMENT_VERSION = '1.0.0';
