/** Numbers by month, as bars; beside them the same as a table, for who does not see bars. */
import { Table, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

const HEIGHT = 180;

export function Months({ label, counts }: { label: string; counts: Readonly<Record<string, number>> }) {
  const at = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const months = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const drawn = JSON.stringify(months);
  useEffect(() => {
    const element = at.current;
    if (element === null || months.length === 0) return undefined;
    const ink = dark ? '#c9c9c9' : '#424242';
    const axis = { stroke: ink, grid: { stroke: dark ? '#424242' : '#e0e0e0' } };
    const plot = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, Math.max(1, high)] } },
        axes: [axis, axis],
        series: [
          {},
          {
            fill: dark ? '#4dabf7' : '#1971c2',
            paths: uPlot.paths.bars?.({ size: [0.7, 40] }) ?? null,
            points: { show: false },
          },
        ],
      } as uPlot.Options,
      [months.map(([month]) => Date.parse(`${month}-01T00:00:00Z`) / 1000), months.map(([, count]) => count)],
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
