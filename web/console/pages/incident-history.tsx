/** All that was written down about an incident: drawn over time, and in words, the newest first. */
import { Anchor, Card, Stack, Text, Timeline, Title } from '@mantine/core';
import type { Incident } from '@strongroom/sdk';
import { Link } from '@tanstack/react-router';

import { counted } from '../../ui/listed.tsx';
import { Plot, type Inks } from '../../ui/plot.tsx';
import { useNames } from '../names.ts';
import { When } from '../when.tsx';
import { clockName, kindOf, phaseOf } from './incident-parts.tsx';

type Event = Incident['timeline'][number];

const LANES: readonly Readonly<{ label: string; ink: keyof Inks; kinds: readonly string[] }>[] = [
  { label: 'Known of', ink: 'orange', kinds: ['reported', 'fact'] },
  { label: 'Done', ink: 'teal', kinds: ['task', 'phase', 'owner', 'note', 'severity', 'kind'] },
  { label: 'Asked', ink: 'blue', kinds: ['scope'] },
  { label: 'Decided', ink: 'ink', kinds: ['proposed', 'approved', 'refused', 'clocks'] },
];
const DUE = 'Due';

export function History({ incident }: { incident: Incident }) {
  const nameOf = useNames();
  return (
    <Card withBorder padding="sm" component="section" aria-label="what happened">
      <Title order={2} size="h4" mb="xs">
        What happened
      </Title>
      <Drawn incident={incident} />
      <Timeline bulletSize={14} lineWidth={2} mt="md">
        {incident.timeline.toReversed().map((event) => (
          <Timeline.Item key={event.seq} title={saidOf(event, incident, nameOf)}>
            {event.text !== null && (
              <Text size="sm" className="wrap">
                {event.text}
              </Text>
            )}
            {typeof event.detail.report === 'string' && (
              <Anchor component={Link} to={`/incidents/reports/${event.detail.report}`} size="sm" underline="always">
                the report that it comes of
              </Anchor>
            )}
            <Text size="xs" c="dimmed" className="wrap">
              <When at={event.happenedAt} />
              {event.knownAt !== event.happenedAt && (
                <>
                  , written down <When at={event.knownAt} />
                </>
              )}{' '}
              by {nameOf(event.by)}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  );
}

const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Of what is noted as so: that it was reported, known, told, or grave for people. */
export function factSays({ kind, detail }: Pick<Event, 'kind' | 'detail'>): string {
  if (kind === 'reported') return 'Reported';
  if (detail.fact === 'notified') return `${clockName(wordOf(detail.clock))}: told`;
  return detail.fact === 'aware' ? 'It was known' : 'The risk for people is high';
}

function saidOf({ kind, detail }: Event, { tasks }: Incident, nameOf: (id: string) => string): string {
  const of = (name: string): string => wordOf(detail[name]);
  switch (kind) {
    case 'reported':
    case 'fact':
      return factSays({ kind, detail });
    case 'note':
      return 'Noted';
    case 'phase':
      return `${phaseOf(of('from'))} → ${phaseOf(of('to'))}`;
    case 'owner':
      return `${nameOf(of('owner'))} leads it`;
    case 'severity':
      return `How grave: ${of('severity')}`;
    case 'kind':
      return `It is: ${kindOf(of('is'))}`;
    case 'clocks':
      return 'A clock was added';
    case 'task':
      return `Done: ${tasks.find(({ id }) => id === of('task'))?.says ?? of('task').replaceAll('-', ' ')}`;
    case 'scope':
      return `The log was asked: at most ${counted(Number(of('subjects')), 'person', 'people')}`;
    case 'proposed':
      return `${clockName(of('clock'))}: ${of('what') === 'notify' ? 'decided to tell' : 'proposed not to tell'}`;
    case 'approved':
      return `${clockName(of('clock'))}: approved`;
    case 'refused':
      return `${clockName(of('clock'))}: refused`;
    default:
      return kind;
  }
}

const secondsOf = (at: string): number => Date.parse(at) / 1000;

function Drawn({ incident, incident: { timeline, clocks } }: { incident: Incident }) {
  const nameOf = useNames();
  const due = clocks.filter(({ dueAt, state }) => dueAt !== null && (state === 'running' || state === 'late'));
  const labels = [DUE, ...LANES.map(({ label }) => label)];
  const points = [
    ...timeline.map((event) => ({ at: event.happenedAt, lane: LANES.findIndex(({ kinds }) => kinds.includes(event.kind)) + 1, says: saidOf(event, incident, nameOf) })),
    ...due.map(({ dueAt, id }) => ({ at: dueAt ?? '', lane: 0, says: `due: ${clockName(id)}` })),
  ]
    .filter(({ lane, at }) => lane >= 0 && at !== '')
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const top = labels.length - 1;
  return (
    <Stack gap={4}>
      <Plot
        label="the incident over time"
        height={220}
        drawn={JSON.stringify(points)}
        head={['When', 'Where', 'What']}
        rows={points.map(({ at, lane, says }) => [at, labels[lane] ?? '', says])}
        draw={(inks) => {
          const look = { stroke: inks.ink, grid: { stroke: inks.rule }, ticks: { stroke: inks.rule } };
          const range = (_plot: unknown, low: number, high: number): [number, number] => [low - Math.max(600, (high - low) / 25), high + Math.max(600, (high - low) / 25)];
          return {
            scales: { x: { time: true, range }, y: { range: () => [-0.6, top + 0.6] } },
            axes: [look, { ...look, size: 76, splits: () => labels.map((_, n) => n), values: () => labels.map((_, n) => labels[top - n] ?? '') }],
            series: [
              {},
              ...labels.map((_, n) => {
                const ink = n === 0 ? inks.red : inks[LANES[n - 1]?.ink ?? 'ink'];
                return { paths: () => null, points: { show: true, size: n === 0 ? 13 : 9, width: n === 0 ? 3 : 1, fill: n === 0 ? inks.page : ink, stroke: ink } };
              }),
            ],
            data: [points.map(({ at }) => secondsOf(at)), ...labels.map((_, n) => points.map(({ lane }) => (lane === n ? top - n : null)))],
          };
        }}
      />
      <Text size="xs" c="dimmed">
        A dot is what happened{due.length === 0 ? '' : ', a ring is by when somebody is to be told'}.
      </Text>
    </Stack>
  );
} // prettier-ignore
