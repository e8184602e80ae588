/** Numbers by month, as bars; beside them the same as a table, for who does not see bars. */
import { Table, Text, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { placeOf, timeTicks } from './time-axis.ts';

const HEIGHT = 180;
/** Fewer would be bars as wide as the page. */
const LEAST_MONTHS = 12;
const WHOLE = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();
const HALF_MONTH_SECONDS = 16 * 86_400;

const monthText = (number: number): string =>
  `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;

/** Every month from the first to the last, those without any too. */
function withEmpty(months: readonly (readonly [string, number])[]): [string, number][] {
  const numbers = months.map(([month]) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const more = Math.max(0, LEAST_MONTHS - (last - first + 1));
  // before only: no month after the last has been yet
  const [from, to] = [first - more, last];
  const counts = new Map(months);
  return Array.from({ length: to - from + 1 }, (_, n) => [monthText(from + n), counts.get(monthText(from + n)) ?? 0]);
}

export function Months({ label, counts }: { label: string; counts: Readonly<Record<string, number>> }) {
  const at = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const months = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const drawn = JSON.stringify(months);
  useEffect(() => {
    const element = at.current;
    if (element === null || months.length === 0) return undefined;
    const shown = withEmpty(months);
    const ink = dark ? '#c9c9c9' : '#424242';
    const axis = { stroke: ink, grid: { stroke: dark ? '#424242' : '#e0e0e0' } };
    const plot = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: true, range: (_plot, low, high) => [low - HALF_MONTH_SECONDS, high + HALF_MONTH_SECONDS] },
          y: { range: (_plot, _low, high) => [0, Math.max(1, high) * 1.1] },
        },
        axes: [
          { ...axis, values: timeTicks },
          // of what is counted there is no half
          { ...axis, incrs: WHOLE },
        ],
        series: [
          {},
          {
            fill: dark ? '#4dabf7' : '#1971c2',
            paths: uPlot.paths.bars?.({ size: [0.7, 40] }) ?? null,
            points: { show: false },
          },
        ],
      } as uPlot.Options,
      [shown.map(([month]) => placeOf(month)), shown.map(([, count]) => count)],
      element,
    );
    const fit = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
    fit.observe(element);
    return () => {
      fit.disconnect();
      plot.destroy();
    };
    // drawn stands for months
  }, [drawn, dark]);
  return (
    <>
      <div ref={at} aria-hidden />
      <Text size="xs" c="dimmed" ta="center" aria-hidden>
        {label}
      </Text>
      <VisuallyHidden>
        <Table>
          <Table.Caption>{label}</Table.Caption>
          <Table.Tbody>
            {months.map(([month, count]) => (
              <Table.Tr key={month}>
                <Table.Th scope="row">{month}</Table.Th>
                <Table.Td>{count}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </>
  );
}
