/** Phishing exercises for who runs them: how fast the first one reports, and what came of each. Nobody's name. */
import { Badge, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { PhishExercise } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { Bars } from '../../ui/bars.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { counted } from '../../ui/listed.tsx';
import { Plot } from '../../ui/plot.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { LEVELS } from './phishing-levels.ts';
import { PlanExercise } from './phishing-plan.tsx';
import { Reported } from './phishing-reported.tsx';
import { PhishTemplatesCard } from './phishing-templates.tsx';
import { Refused } from './step-up.tsx';

const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((100 * part) / whole));

export function PhishingPage() {
  const found = useQuery({ queryKey: ['phishing', 'exercises'], queryFn: () => room.phishing.exercises() });
  const exercises = found.data?.exercises ?? [];
  const mayManage = useWhoAmI().data?.actions.includes('training.manage') === true;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Phishing exercises
        </Title>
        {mayManage && <PlanExercise />}
      </Group>
      {found.isPending && <Fetching what="the exercises" />}
      {found.isError && <Problem error={found.error} />}
      {found.isSuccess && exercises.length === 0 && (
        <Card withBorder>
          <Empty title="No exercise yet">
            Each one tells in how many minutes the first report comes. Before the first, agree on it with those who
            speak for the staff{mayManage ? '; then press “Plan an exercise”' : ''}.
          </Empty>
        </Card>
      )}
      {exercises.length > 0 && <Headline exercises={exercises} tiers={found.data?.tiers ?? null} />}
      {exercises.length > 0 && <Exercises exercises={exercises} mayManage={mayManage} />}
      <PhishTemplatesCard />
      <Reported />
    </Stack>
  );
}

type Tiers = Readonly<{ 1: number; 2: number }>;

const tiersSay = ({ 1: short, 2: long }: Tiers): string =>
  short + long === 0
    ? 'After exercises, nobody has to show a passkey just before reading in clear.'
    : `After what they did in exercises, ${counted(short + long, 'person', 'people')} can, for a time, read in clear only just after showing a passkey${long === 0 ? '' : `; ${long} of them for longer`}. Only they themselves are told.`;

function Headline({ exercises, tiers }: { exercises: readonly PhishExercise[]; tiers: Tiers | null }) {
  const shown = exercises.filter(({ counts }) => counts !== null && counts.sent > 0);
  const timed = shown.filter(({ firstReportMinutes }) => firstReportMinutes !== null).toReversed();
  const last = timed.at(-1);
  const rows = timed.map(({ name, until, firstReportMinutes }) => [name, until.slice(0, 10), `${firstReportMinutes} minutes`]); // prettier-ignore
  return (
    <Card withBorder component="section" aria-label="first report">
      <Text size="sm" c="dimmed">
        Minutes until the first report
      </Text>
      {last === undefined ? (
        <Text>Nobody has reported one yet</Text>
      ) : (
        <Text fz={40} fw={700} lh={1.2}>
          {last.firstReportMinutes}
        </Text>
      )}
      {last !== undefined && (
        <Text size="sm">
          {last.name}, {LEVELS[last.level]}; half of those who reported it had done so after {last.medianReportMinutes} minutes
        </Text>
      )}
      {timed.length > 1 && (
        <Plot
          label="minutes until the first report, by exercise"
          height={180}
          drawn={JSON.stringify(rows)}
          head={['Exercise', 'Ended', 'First report after']}
          rows={rows}
          draw={({ ink, rule, blue, page }) => ({
            scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(10, most * 1.1)] } },
            axes: [
              { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule } },
              { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule }, size: 44 },
            ],
            series: [{}, { stroke: blue, width: 2, points: { show: true, size: 8, fill: page } }],
            data: [timed.map(({ until }) => Date.parse(until) / 1000), timed.map((each) => each.firstReportMinutes)],
          })}
        />
      )}
      <Shares exercises={shown} />
      {tiers !== null && (
        <Text size="xs" c="dimmed" mt="sm">
          {tiersSay(tiers)}
        </Text>
      )}
    </Card>
  );
} // prettier-ignore

/** What was done wrong is told apart without its colour, too. */
const striped = (color: 'orange' | 'red'): string =>
  `repeating-linear-gradient(135deg, var(--mantine-color-${color}-filled) 0 6px, transparent 6px 9px)`;

/** Only results of one level compare. */
function Shares({ exercises }: { exercises: readonly PhishExercise[] }) {
  const levels = (['least', 'moderate', 'very'] as const).flatMap((level) => {
    const counts = exercises.flatMap((each) => (each.level === level && each.counts !== null ? [each.counts] : []));
    const sum = (of: 'sent' | 'reports' | 'clicks' | 'submits') => counts.reduce((total, each) => total + each[of], 0);
    return counts.length === 0 ? [] : [{ level, sent: sum('sent'), reports: sum('reports'), clicks: sum('clicks'), submits: sum('submits') }]; // prettier-ignore
  });
  return levels.map(({ level, sent, reports, clicks, submits }) => (
    <Stack key={level} gap={6} mt="md">
      <Title order={3} size="h5">
        {LEVELS[level]}: {sent} {sent === 1 ? 'person' : 'people'}
      </Title>
      <Bars
        label={`of those who got one that is ${LEVELS[level]}`}
        unit="%"
        of={100}
        bars={[
          { label: 'reported', value: share(reports, sent), color: 'var(--mantine-color-teal-filled)' },
          { label: 'followed', value: share(clicks, sent), color: striped('orange') },
          { label: 'filled in', value: share(submits, sent), color: striped('red') },
        ]}
      />
    </Stack>
  ));
}

function Exercises({ exercises, mayManage }: { exercises: readonly PhishExercise[]; mayManage: boolean }) {
  return (
    <Card withBorder padding="xs" component="section" aria-label="exercises">
      <Wide label="exercises" minWidth={760} stacks>
        <Table>
          <Table.Caption>Newest first. An exercise that fewer than ten people got shows no counts.</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {['Exercise', 'Until', 'Sent', 'First report', 'Reported', 'Followed', 'Filled in', 'Programs', 'To do'].map((each) => (
                <Table.Th key={each}>{each}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {exercises.map((one) => (
              <Row key={one.id} one={one} mayManage={mayManage} />
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
} // prettier-ignore

const MODES = { groups: 'counted by groups', people: 'with own history and tier' } as const;

/** Of the mails of exercises, retired ones too. */
function useTitles(): (template: string) => string {
  const found = useQuery({
    queryKey: ['phishing', 'templates', 'all'],
    queryFn: () => room.phishing.templates({ retired: true }),
  });
  return (template) => found.data?.templates.find(({ id }) => id === template)?.title ?? template;
}

function Row({ one: { id, name, template, level, mode, state, until, targets, counts, firstReportMinutes, programs }, mayManage }: { one: PhishExercise; mayManage: boolean }) {
  const [queries, titleOf] = [useQueryClient(), useTitles()];
  const stop = useMutation({
    mutationFn: () => room.phishing.stop(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['phishing'] }),
  });
  const of = (part: number) => `${part} (${share(part, counts?.sent ?? 0)}\u00a0%)`;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500} className="wrap">
        {name}
        <Text size="xs" c="dimmed">
          {titleOf(template)}, {LEVELS[level]}, {MODES[mode]}
        </Text>
        {state === 'stopped' && <Badge color="orange" variant="light">stopped</Badge>}
      </Table.Th>
      <Table.Td><When at={until} /></Table.Td>
      <Table.Td>
        {targets.sent}
        <Text size="xs" c="dimmed">{targets.planned + targets.queued} to come</Text>
      </Table.Td>
      {counts === null ? (
        <Table.Td colSpan={5}>fewer than ten people: not shown</Table.Td>
      ) : (
        <>
          <Table.Td>{firstReportMinutes === null ? 'none yet' : `${firstReportMinutes} min`}</Table.Td>
          <Table.Td>{of(counts.reports)}</Table.Td>
          <Table.Td>{of(counts.clicks)}</Table.Td>
          <Table.Td>{of(counts.submits)}</Table.Td>
          <Table.Td>{programs}</Table.Td>
        </>
      )}
      <Table.Td>
        {mayManage && state === 'running' && (
          <Confirm label="Stop" name={`Stop ${name}`} title="Stop this exercise?" size="compact-sm" onYes={() => stop.mutate()}>
            Nothing of it leaves from now on, and what waits for the mail server is taken back. It cannot go on afterwards.
          </Confirm>
        )}
        {stop.isError && <Refused error={stop.error} again={() => stop.mutate()} />}
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore
