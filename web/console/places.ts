/** Where one can go, under the practice it belongs to, and which action opens it: null to everybody, `glass` to whoever may break it. */
import {
  IconBug, IconFileImport, IconSwords, IconPlayerPlay, IconShieldCheck,
  IconActivity, IconBook2, IconFirstAidKit, IconCertificate, IconSchool, IconAlertTriangle, IconBell, IconWall, IconChartDots, IconClock, IconDatabase, IconDatabaseExport, IconFileCode, IconFileText, IconFishHook, IconFlag, IconFilter, IconGavel, IconForms, IconHammer, IconHourglassEmpty, IconId, IconInbox, IconKey, IconListCheck, IconListSearch, IconMail, IconMasksTheater, IconRadar2, IconRobot, IconScale,
  IconSpeakerphone, IconTrash, IconUser, IconUserSearch, IconUsers, IconUsersGroup,
} from '@tabler/icons-react'; // prettier-ignore

export const PLACES = [
  { part: null, to: '/', label: 'Customers', icon: IconUsersGroup, action: null },
  { part: null, to: '/notices', label: 'Notices', icon: IconBell, action: null },
  { part: null, to: '/learn', label: 'Learn and sign', icon: IconSchool, action: null },
  { part: 'Access', to: '/requests', label: 'Access for a time', icon: IconClock, action: null },
  { part: 'Access', to: '/break-glass', label: 'Break-glass', icon: IconHammer, action: 'glass' },
  { part: 'Access', to: '/reviews', label: 'Reviews', icon: IconListCheck, action: 'reviews.read' },
  { part: 'Access', to: '/unused', label: 'Unused permissions', icon: IconHourglassEmpty, action: 'grants.read' },
  { part: 'Access', to: '/policies', label: 'Policies', icon: IconScale, action: 'policies.read' },
  { part: 'Access', to: '/roles', label: 'Roles', icon: IconId, action: 'policies.read' },
  { part: 'Access', to: '/people', label: 'People', icon: IconUsers, action: 'people.manage' },
  { part: 'Access', to: '/keys', label: 'Keys', icon: IconKey, action: 'keys.manage' },
  { part: 'Access', to: '/workloads', label: 'Workloads', icon: IconRobot, action: 'keys.manage' },
  { part: 'Collection', to: '/catalogue', label: 'Catalogue', icon: IconDatabase, action: 'catalog.read' },
  { part: 'Collection', to: '/gate', label: 'Gate', icon: IconFilter, action: 'catalog.read' },
  { part: 'Collection', to: '/discovery', label: 'Discovery', icon: IconRadar2, action: 'scans.read' },
  { part: 'Collection', to: '/record', label: 'Record of processing', icon: IconFileText, action: 'catalog.read' },
  { part: 'Collection', to: '/retention', label: 'Retention', icon: IconTrash, action: 'retention.read' },
  { part: 'Collection', to: '/exports', label: 'Exports', icon: IconChartDots, action: 'exports.read' },
  { part: 'Collection', to: '/fields', label: 'Review of fields', icon: IconForms, action: 'retention.read' },
  { part: 'Privacy', to: '/privacy', label: 'Customers’ requests', icon: IconInbox, action: 'rights.read' },
  { part: 'Privacy', to: '/privacy-notice', label: 'Privacy notice', icon: IconSpeakerphone, action: 'notice.read' },
  { part: 'Backups', to: '/backups', label: 'Backups', icon: IconDatabaseExport, action: 'backups.read' },
  { part: 'Traffic', to: '/traffic', label: 'Live', icon: IconActivity, action: 'traffic.read' },
  { part: 'Traffic', to: '/traffic/cases', label: 'Cases', icon: IconAlertTriangle, action: 'traffic.read' },
  { part: 'Traffic', to: '/traffic/rules', label: 'Rules', icon: IconFileCode, action: 'traffic.read' },
  { part: 'Traffic', to: '/traffic/firewall', label: 'Firewall', icon: IconWall, action: 'traffic.read' },
  { part: 'Assurance', to: '/assurance', label: 'Posture', icon: IconShieldCheck, action: 'assurance.read' },
  { part: 'Assurance', to: '/assurance/runs', label: 'Runs', icon: IconPlayerPlay, action: 'assurance.read' },
  { part: 'Assurance', to: '/assurance/findings', label: 'Findings', icon: IconBug, action: 'assurance.read' },
  {
    part: 'Assurance',
    to: '/assurance/brought',
    label: 'Reports and scanners',
    icon: IconFileImport,
    action: 'assurance.read',
  },
  {
    part: 'Assurance',
    to: '/assurance/engagements',
    label: 'Tests by others',
    icon: IconUserSearch,
    action: 'assurance.read',
  },
  { part: 'Assurance', to: '/assurance/arming', label: 'Arming', icon: IconSwords, action: 'assurance.read' },
  { part: 'Education', to: '/training', label: 'Training', icon: IconCertificate, action: 'training.read' },
  { part: 'Education', to: '/phishing', label: 'Phishing exercises', icon: IconFishHook, action: 'training.read' },
  { part: 'Education', to: '/texts', label: 'Lessons and texts', icon: IconBook2, action: 'training.read' },
  { part: 'Education', to: '/incidents', label: 'Incidents', icon: IconFirstAidKit, action: 'incidents.read' },
  { part: 'Education', to: '/violations', label: 'Broken rules', icon: IconGavel, action: null },
  { part: 'Education', to: '/drills', label: 'Drills', icon: IconMasksTheater, action: null },
  { part: 'Education', to: '/report', label: 'Report something', icon: IconFlag, action: null },
  { part: 'System', to: '/audit', label: 'Audit log', icon: IconListSearch, action: 'audit.read' },
  { part: 'System', to: '/mailbox', label: 'Mailbox', icon: IconMail, action: 'mail.read' },
  { part: null, to: '/me', label: 'My sign-in', icon: IconUser, action: null },
] as const;

export type Place = (typeof PLACES)[number];

/** Where the pages of one thing lie: three places have others below their own address, and one has pages elsewhere. */
const ONES: Readonly<Record<string, readonly string[]>> = {
  '/': ['/customers'],
  '/traffic': ['/traffic/actors/'],
  '/assurance': ['/assurance/tests/'],
  '/learn': ['/learn/', '/sign/', '/exercises/'],
};

export function isAt(to: string, pathname: string): boolean {
  const ones = ONES[to] ?? [`${to}/`];
  return pathname === to || ones.some((each) => pathname.startsWith(each));
}

/** What stands together: neighbours of one practice. */
export function partsOf(places: readonly Place[]): readonly (readonly Place[])[] {
  const parts: Place[][] = [];
  for (const place of places) {
    const last = parts.at(-1);
    if (last !== undefined && last[0]?.part === place.part) last.push(place);
    else parts.push([place]);
  }
  return parts;
}
