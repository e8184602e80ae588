/** What happened to backups over time: a line for each kind, and what was measured: RPO and RTO. */
import type { BackupPoint } from '@strongroom/sdk';
import { Text } from '@mantine/core';

import { Plot, type Inks } from '../../ui/plot.tsx';
import { When } from '../when.tsx';

const DAY_SECONDS = 86_400;

/** 90 → "90 s", 5400 → "90 min": so that a line does not change its unit at every other value. */
export function span(seconds: number | null): string {
  if (seconds === null) return 'never';
  if (seconds < 120) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * DAY_SECONDS) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / (DAY_SECONDS / 10)) / 10} days`;
}

/** From top to bottom. A kind that is not here is not drawn. */
const LANES: readonly Readonly<{ kind: BackupPoint['kind']; label: string; ink: keyof Inks }>[] = [
  { kind: 'data', label: 'Data', ink: 'blue' },
  { kind: 'key', label: 'Keys', ink: 'teal' },
  { kind: 'segment', label: 'Change segments', ink: 'blue' },
  { kind: 'drill', label: 'Drills', ink: 'orange' },
  { kind: 'erasure', label: 'Ledger of erasures', ink: 'ink' },
];

const secondsOf = (at: string): number => Date.parse(at) / 1000;
/** In seconds: from so many days ago to now, whatever there is. */
const within = (days: number) => {
  const now = Date.now() / 1000;
  return (): [number, number] => [now - days * DAY_SECONDS, now + (days * DAY_SECONDS) / 50];
};
const lookOf = ({ ink, rule }: Inks) => ({ stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule } });

export function TimeLine({ points, days }: { points: readonly BackupPoint[]; days: number }) {
  const shown = points.filter(({ kind }) => LANES.some((lane) => lane.kind === kind));
  const rows = shown.map(({ kind, at, outcome, count }) => [
    LANES.find((lane) => lane.kind === kind)?.label ?? kind,
    at,
    kind === 'erasure' || kind === 'segment' ? `${count} in this hour` : outcome,
  ]);
  return (
    <>
      <Plot
        label="what happened to backups, in order"
        height={230}
        drawn={JSON.stringify([shown, days])}
        head={['What', 'When', 'Outcome']}
        rows={rows}
        draw={(inks) => ({
          scales: { x: { time: true, range: within(days) }, y: { range: () => [-0.6, LANES.length - 0.4] } },
          axes: [
            lookOf(inks),
            {
              ...lookOf(inks),
              size: 130,
              splits: () => LANES.map((_, n) => n),
              values: () => LANES.map((_, n) => LANES[LANES.length - 1 - n]?.label ?? ''),
            },
          ],
          series: [
            {},
            ...LANES.flatMap(({ ink }) => [
              { paths: () => null, points: { show: true, size: 9, fill: inks[ink], stroke: inks[ink] } },
              { paths: () => null, points: { show: true, size: 13, width: 3, fill: inks.page, stroke: inks.red } },
            ]),
          ],
          data: [
            shown.map(({ at }) => secondsOf(at)),
            ...LANES.flatMap((lane, n) =>
              [false, true].map((failed) =>
                shown.map(({ kind, outcome }) =>
                  kind === lane.kind && (outcome === 'failed') === failed ? LANES.length - 1 - n : null,
                ),
              ),
            ),
          ],
        })}
      />
      <Text size="xs" c="dimmed">
        A dot is done, a ring is failed.
      </Text>
    </>
  );
}

/** One measure over time, in its own unit of time. */
export function Course({
  label,
  points,
  days,
  ink,
}: {
  label: string;
  points: readonly Readonly<{ at: string; seconds: number }>[];
  days: number;
  ink: keyof Inks;
}) {
  const top = roundAbove(Math.max(1, ...points.map(({ seconds }) => seconds)));
  const newest = points.at(-1);
  return (
    <>
      <Plot
        label={label}
        height={170}
        drawn={JSON.stringify([points, days])}
        head={['When', 'How long']}
        rows={points.map(({ at, seconds }) => [at, span(seconds)])}
        draw={(inks) => ({
          scales: {
            x: { time: true, range: within(days) },
            y: { range: () => [0, top * 1.08] },
          },
          axes: [
            lookOf(inks),
            {
              ...lookOf(inks),
              size: 66,
              splits: () => [0, top / 2, top],
              values: (_plot, values) => values.map((value) => span(value)),
            },
          ],
          series: [{}, { stroke: inks[ink], width: 2, points: { show: true, size: 8, fill: inks[ink] } }],
          data: [points.map(({ at }) => secondsOf(at)), points.map(({ seconds }) => seconds)],
        })}
      />
      {newest !== undefined && (
        <Text size="xs" c="dimmed">
          Newest: {span(newest.seconds)}, <When at={newest.at} />
        </Text>
      )}
    </>
  );
}

/** The next of 1, 2, 5, 10, 20 …: every point lies under a tick that says what it is. */
function roundAbove(value: number): number {
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((times) => times * ten).find((each) => each >= value) ?? value;
}
