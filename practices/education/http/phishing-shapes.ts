/** Shapes of what routes on phishing exercises answer, and their making. */
import Type from 'typebox';

import type { PhishTemplate } from '../phishing/template.ts';
import type { Exercise, OwnHistory, Phishing } from '../phishing/open.ts';
import type { ListedTemplate, Preview } from '../phishing/templates.ts';

const NUMBER_OR_NONE = Type.Union([Type.Integer(), Type.Null()]);
const LEVEL = Type.Enum(['least', 'moderate', 'very'], {
  description: 'how hard it is to see through (NIST Phish Scale); only results of one level compare',
});
const COUNTS = {
  sent: Type.Integer(),
  reports: Type.Integer(),
  clicks: Type.Integer(),
  submits: Type.Integer({ description: 'forms that would have been sent; what was in them is known to nobody' }),
};
export const EXERCISE = Type.Object({
  id: Type.String({ description: 'exr_…' }),
  name: Type.String(),
  template: Type.String(),
  level: LEVEL,
  mode: Type.Enum(['people', 'groups'], {
    description: 'groups: nothing is kept of one person; counts of fewer than ten are shown in neither',
  }),
  state: Type.Enum(['running', 'stopped', 'counted']),
  from: Type.String(),
  until: Type.String(),
  madeBy: Type.String(),
  stoppedAt: Type.Union([Type.String(), Type.Null()]),
  targets: Type.Object({
    planned: Type.Integer(),
    queued: Type.Integer(),
    sent: Type.Integer(),
    lost: Type.Integer(),
    stopped: Type.Integer(),
  }),
  counts: Type.Union([Type.Object(COUNTS), Type.Null()]),
  firstReportMinutes: Type.Union([Type.Integer(), Type.Null()], {
    description: 'minutes from its own delivery to the first report: the headline',
  }),
  medianReportMinutes: NUMBER_OR_NONE,
  programs: Type.Union([Type.Integer(), Type.Null()], { description: 'links that programs alone followed: no clicks' }),
  byRole: Type.Array(Type.Object({ role: Type.String(), ...COUNTS })),
});
export const exerciseOut = ({ id, campaign, results }: Exercise) => ({
  id,
  name: campaign.name,
  template: campaign.template,
  level: campaign.level,
  mode: campaign.mode,
  state: campaign.state,
  from: campaign.from_at.toISOString(),
  until: campaign.until_at.toISOString(),
  madeBy: campaign.made_by,
  stoppedAt: campaign.stopped_at?.toISOString() ?? null,
  ...results,
  byRole: [...results.byRole],
});

export const TEMPLATE = Type.Object({
  id: Type.String(),
  own: Type.Boolean({ description: 'written here; the others are shipped, and stay as they are' }),
  version: Type.Integer({ description: 'what If-Match names' }),
  hash: Type.String({ description: 'of the text' }),
  retired: Type.Boolean({ description: 'it is in no new exercise any more' }),
  title: Type.String(),
  theme: Type.String(),
  level: LEVEL,
  subject: Type.String(),
  from: Type.String(),
  asks: Type.Array(Type.String()),
  cues: Type.Array(Type.Object({ kind: Type.String(), times: Type.Integer(), shows: Type.String() })),
});
export const PREVIEW = Type.Object({
  subject: Type.String(),
  from: Type.String(),
  text: Type.String(),
  leadsTo: Type.String(),
  page: Type.String(),
  asks: Type.Array(Type.String(), { description: 'fields of the page; what is typed never leaves it' }),
  learn: Type.String(),
});
export const previewOut = ({ asks, ...preview }: Preview) => ({ ...preview, asks: [...asks] });
export const templateOut = ({ template, own, seq, retired }: ListedTemplate) => ({
  ...ratedOut(template),
  own,
  version: seq,
  retired,
});
const ratedOut = ({ id, hash, title, theme, rating, subject, from, asks, cues }: PhishTemplate) => ({
  id,
  hash,
  title,
  theme,
  level: rating.level,
  subject,
  from: `${from.name} <${from.address}>`,
  asks: [...asks],
  cues: cues.map((each) => ({ ...each })),
});

export const HISTORY = Type.Object({
  tier: Type.Integer({
    description: '0: as everybody; 1 and 2: reading in clear asks for a passkey used within `maxAgeSeconds`',
  }),
  until: Type.Union([Type.String(), Type.Null()]),
  maxAgeSeconds: Type.Integer(),
  exercises: Type.Array(
    Type.Object({
      exercise: Type.String(),
      title: Type.String(),
      kind: Type.Enum(['click', 'submit', 'report']),
      hour: Type.String(),
    }),
  ),
});
export const historyOut = ({ tier, exercises }: OwnHistory) => ({
  tier: tier.tier,
  until: tier.until?.toISOString() ?? null,
  maxAgeSeconds: tier.maxAgeSeconds,
  exercises: exercises.map(({ hour, ...rest }) => ({ ...rest, hour: hour.toISOString() })),
});

export const REPORT = Type.Object({
  id: Type.String({ description: 'rep_…' }),
  verdict: Type.Enum(['open', 'phish', 'harmless']),
  reports: Type.Integer(),
  reporters: Type.Integer(),
  firstAt: Type.String(),
  lastAt: Type.String(),
  mail: Type.Union(
    [
      Type.Object({
        subject: Type.String(),
        from: Type.String(),
        text: Type.String(),
        hosts: Type.Array(Type.String()),
        attachments: Type.Array(Type.Object({ name: Type.String(), sizeBytes: Type.Integer() })),
      }),
      Type.Null(),
    ],
    { description: 'of the first of them; never opened, nor are its links followed' },
  ),
});
type Listed = Awaited<ReturnType<Phishing['reports']['list']>>['reports'][number];
export const reportOut = ({ id, verdict, reports, reporters, first_at, last_at, shown }: Listed) => ({
  id, verdict, reports, reporters, firstAt: first_at.toISOString(), lastAt: last_at.toISOString(),
  mail: shown === null ? null : { ...shown, hosts: [...shown.hosts], attachments: shown.attachments.map((each) => ({ ...each })) },
}); // prettier-ignore
