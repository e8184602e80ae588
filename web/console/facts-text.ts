/** Facts that a decision depends on, and their values, in words. */
const FACTS: Readonly<Record<string, string>> = {
  kind: 'Who asks',
  mfa: 'Second factor',
  training: 'Training',
  zone: 'From where',
  hours: 'When',
  consent: 'What the customer said',
  volume: 'How much at once',
  grant: 'Access for a time',
  restricted: 'Restricted',
  phishingResistant: 'By a passkey',
  minor: 'Of a minor',
  assigned: 'Assigned to the customer',
  needsConsent: 'Purpose needs a yes',
  declared: 'Field is declared for the purpose',
};
const VALUES: Readonly<Record<string, string>> = {
  true: 'yes',
  false: 'no',
  service: 'a program',
  staff: 'a person',
  notAsked: 'not asked yet',
  withdrawn: 'no, taken back',
  given: 'yes',
  stale: 'shown a while ago',
  fresh: 'shown just now',
  grace: 'overdue',
  internet: 'the internet',
  vpn: 'the VPN',
  office: 'the office',
  off: 'out of hours',
  business: 'in business hours',
  jit: 'approved',
  breakGlass: 'by breaking glass',
};

export const factText = (fact: string): string => FACTS[fact] ?? fact;
export const valueText = (value: string): string => VALUES[value] ?? value;
