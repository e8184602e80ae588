/** Which pictures of the walk in a browser (e2e/shots) stand at the end of which guide. */
export const PICTURES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'docs/practices/vault.md': [
    ['customers', 'A search in the console: names masked, and nothing opened that was not found'],
    ['record', 'One customer, as the role of who looks has it'],
  ],
  'docs/practices/access.md': [
    ['matrix', 'Who sees what: each role and class against every purpose'],
    ['reviews', 'Does everybody who has a role still need it?'],
  ],
  'docs/practices/audit.md': [['audit-proof', 'An entry of the log, proven in the browser']],
  'docs/practices/collection.md': [
    ['catalogue', 'The catalogue that holds'],
    ['data-map', 'Where data comes from, what it is held for, and to whom it goes'],
  ],
  'docs/practices/traffic.md': [
    ['traffic-live', 'What moves now'],
    ['traffic-case', 'A case: who, which customers, and what was done'],
  ],
  'docs/practices/education.md': [
    ['education-home', 'What somebody has to do, and what it opens'],
    ['education-training', 'For the training team: coverage'],
  ],
  'docs/practices/education-phishing.md': [['phishing-results', 'Shares of an exercise; nobody is named']],
  'docs/practices/education-incidents.md': [['incidents', 'Incidents with their clocks']],
  'docs/practices/education-drills.md': [['drill-scored', 'A drill: the scope that was found against the one that was planted']],
  'docs/practices/backups.md': [['backups', 'What would be left if the machine were lost now']],
  'docs/practices/privacy.md': [
    ['center-home', 'The center, as a customer meets it'],
    ['center-seen', 'Who saw my data, each look with a proof'],
    ['privacy-requests', 'The officers’ queue, the next deadline first'],
  ],
  'docs/practices/assurance.md': [['assurance-posture', 'The posture: nothing green without fresh evidence']],
}; // prettier-ignore
