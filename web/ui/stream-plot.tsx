/** Lines over the last minutes that grow while one looks: what is there is kept, only what is new is drawn; a table says the same. */
import { Box, Group, Table, Text, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { DARK, LIGHT, type Inks } from './plot.tsx';
import { timeTicks } from './time-axis.ts';

export type Line = Readonly<{
  name: string;
  ink: keyof Inks;
  /** So that lines are told apart without colours. */
  dashed?: boolean;
  values: readonly number[];
}>;

const HEIGHT = 150;
/** Of the table beside it: the newest. */
const ROWS = 15;

export function StreamPlot({
  label,
  times,
  lines,
}: {
  /** What is drawn, in words. */
  label: string;
  /** Seconds since 1970. */
  times: readonly number[];
  lines: readonly Line[];
}) {
  const at = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const inks = dark ? DARK : LIGHT;
  const data: uPlot.AlignedData = [[...times], ...lines.map(({ values }) => [...values])];
  const newest = useRef(data);
  newest.current = data;
  const drawn = JSON.stringify(data);
  const kinds = lines.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = at.current;
    if (element === null) return undefined;
    const size = () => ({ width: Math.max(200, element.clientWidth), height: HEIGHT });
    const look = { stroke: inks.ink, grid: { stroke: inks.rule, width: 1 }, ticks: { stroke: inks.rule, width: 1 } };
    const made = new uPlot(
      {
        ...size(),
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, Math.max(5, (high ?? 0) * 1.1)] } },
        axes: [
          { ...look, values: timeTicks, space: 70 },
          { ...look, size: 48 },
        ],
        series: [
          {},
          ...lines.map(({ ink, dashed }) => ({
            stroke: inks[ink],
            width: 2,
            points: { show: false },
            ...(dashed === true ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      newest.current,
      element,
    );
    plot.current = made;
    const fit = new ResizeObserver(() => made.setSize(size()));
    fit.observe(element);
    return () => {
      fit.disconnect();
      made.destroy();
      plot.current = null;
    };
    // kinds stands for lines; what they hold comes by setData
  }, [kinds, dark]);
  useEffect(() => {
    plot.current?.setData(newest.current);
  }, [drawn]);
  const shown = times.slice(-ROWS).map((time, n) => ({ time, n: Math.max(0, times.length - ROWS) + n }));
  return (
    <>
      <Group gap="md" mb={4}>
        {lines.map(({ name, ink, dashed, values }) => (
          <Group key={name} gap={6} wrap="nowrap">
            <Box aria-hidden w={18} style={{ borderTop: `3px ${dashed === true ? 'dashed' : 'solid'} ${inks[ink]}` }} />
            <Text size="xs">
              {name}: {(values.at(-1) ?? 0).toLocaleString()}
            </Text>
          </Group>
        ))}
      </Group>
      <div ref={at} aria-hidden />
      <VisuallyHidden>
        <Table>
          <Table.Caption>{label}, the newest minutes</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {['Minute', ...lines.map(({ name }) => name)].map((each) => (
                <Table.Th key={each}>{each}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.toReversed().map(({ time, n }) => (
              <Table.Tr key={time}>
                <Table.Th scope="row">{new Date(time * 1000).toLocaleTimeString()}</Table.Th>
                {lines.map(({ name, values }) => (
                  <Table.Td key={name}>{values[n]}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </>
  );
}
