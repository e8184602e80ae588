/** A drawing over time, and what it shows as a table beside it, for who does not see drawings. */
import { Table, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { timeTicks } from './time-axis.ts';

/** What is drawn with in this scheme: at least 3:1 against the page (WCAG 2.2, 1.4.11). */
export type Inks = Readonly<{ ink: string; rule: string; blue: string; teal: string; orange: string; red: string; page: string }>; // prettier-ignore
export const LIGHT: Inks = { ink: '#424242', rule: '#e0e0e0', blue: '#1971c2', teal: '#087f5b', orange: '#b3400b', red: '#c92a2a', page: '#ffffff' }; // prettier-ignore
export const DARK: Inks = { ink: '#c9c9c9', rule: '#424242', blue: '#4dabf7', teal: '#38d9a9', orange: '#ffa94d', red: '#ff8787', page: '#242424' }; // prettier-ignore

export type Drawing = Readonly<{
  series: uPlot.Series[];
  axes: uPlot.Axis[];
  scales: uPlot.Scales;
  data: uPlot.AlignedData;
}>;

/** @param drawn stands for what is drawn: another one, and it is drawn anew */
export function Plot({
  label,
  height,
  drawn,
  draw,
  head,
  rows,
}: {
  label: string;
  height: number;
  drawn: string;
  draw: (inks: Inks) => Drawing;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}) {
  const at = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  useEffect(() => {
    const element = at.current;
    if (element === null) return undefined;
    const size = () => ({ width: Math.max(200, element.clientWidth), height });
    const { data, axes, ...options } = draw(dark ? DARK : LIGHT);
    const [below, ...sides] = axes;
    const timed = options.scales['x']?.time === true ? [{ values: timeTicks, ...below }, ...sides] : axes;
    const quiet = { legend: { show: false }, cursor: { show: false } };
    const plot = new uPlot({ ...size(), ...quiet, ...options, axes: timed }, data, element);
    const fit = new ResizeObserver(() => plot.setSize(size()));
    fit.observe(element);
    return () => {
      fit.disconnect();
      plot.destroy();
    };
    // drawn stands for draw
  }, [drawn, dark, height]);
  return (
    <>
      <div ref={at} aria-hidden />
      <VisuallyHidden>
        <Table>
          <Table.Caption>{label}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {head.map((each) => (
                <Table.Th key={each}>{each}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, n) => (
              <Table.Tr key={n}>
                {row.map((cell, m) => (
                  <Table.Td key={m}>{cell}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </>
  );
}
