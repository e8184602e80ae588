/** What a mail of the system is for, in words; one whose kind is not known here is named by its kind. */
const WORDS: Readonly<Record<string, string>> = {
  'access.alarm': 'Urgent notice',
  'access.notice': 'Notices, gathered',
  'assurance.canary': 'Mail of a test canary',
  'education.drill': 'Call to a drill',
  'education.exercise': 'Phishing exercise',
  'education.heads-up': 'Word to the help desk on an exercise',
  'education.reminder': 'Reminder of training',
  'education.thanks': 'Thanks for a report',
  'privacy.app-entered': 'To a customer: an app was entered',
  'privacy.code': 'To a customer: code to sign in',
  'privacy.copy-link': 'To a customer: link to a copy',
  'privacy.request': 'To a customer: how a request stands',
  'privacy.restriction': 'To a customer: a restriction ends',
  'privacy.second-code': 'To a customer: code for a second proof',
  'privacy.second-proof': 'To a customer: a second proof was given',
};
export const mailKind = (kind: string): string => WORDS[kind] ?? kind;
