/** What goes from where to where, as bands; all of it stands in words beside it, for who sees no drawing. */
import { Box, Table, VisuallyHidden } from '@mantine/core';

import { bandsOf, type FlowEnd } from './flow-bands.ts';

/** In units of the drawing, which is never smaller than so many pixels: it scrolls instead. */
const [WIDTH, LEAST, NODE, ROW, GAP, HEAD] = [860, 640, 10, 30, 8, 26];
const [LEFT, RIGHT] = [190, 500];
/** How many letters fit beside the left column. */
const LETTERS = 24;

type Group = readonly [says: string, ends: readonly FlowEnd[]];

/** Two ends are joined where they share fields: by so many is the band wide. */
export function FlowPlot({ left: [head, from], right }: { left: Group; right: readonly Group[] }) {
  const groups = right.filter(([, ends]) => ends.length > 0);
  const to = groups.flatMap(([, ends]) => ends);
  const bands = bandsOf(from, to);
  const most = Math.max(1, ...bands.map(({ weight }) => weight));
  const height = groups.length * HEAD + to.length * (ROW + GAP);
  const leftTop = (at: number): number => HEAD + ((height - HEAD) / (from.length + 1)) * (at + 1) - ROW / 2;
  // each group has a line of its own above it
  const rightTop = (at: number): number => {
    let seen = 0;
    const heads = groups.filter(([, ends]) => (seen += ends.length) - ends.length <= at).length;
    return heads * HEAD + at * (ROW + GAP);
  };
  const firstOf = (group: number): number => groups.slice(0, group).reduce((sum, [, ends]) => sum + ends.length, 0);
  return (
    <>
      <Box style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="the flow, drawn">
        <svg viewBox={`0 0 ${WIDTH} ${height}`} width="100%" style={{ minWidth: LEAST, maxWidth: WIDTH, display: 'block' }} aria-hidden>
          <text x={LEFT - 8} y={14} textAnchor="end" fontSize={13} fill="var(--mantine-color-dimmed)">
            {head}
          </text>
          {groups.map(([says], group) => (
            <text key={says} x={RIGHT + NODE + 8} y={rightTop(firstOf(group)) - 10} fontSize={13} fill="var(--mantine-color-dimmed)">
              {says}
            </text>
          ))}
          {bands.map(({ from: a, to: b, weight }) => {
            const [y1, y2] = [leftTop(a) + ROW / 2, rightTop(b) + ROW / 2];
            const [x1, x2] = [LEFT + NODE, RIGHT];
            return <path key={`${a} ${b}`} d={`M${x1} ${y1} C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`} fill="none" stroke="var(--mantine-primary-color-filled)" strokeOpacity={0.4} strokeWidth={1.5 + (weight / most) * 12} />;
          })}
          {from.map(({ label }, at) => (
            <End key={label} x={LEFT} y={leftTop(at)} label={label.length > LETTERS ? `${label.slice(0, LETTERS - 1)}…` : label} before />
          ))}
          {to.map(({ label }, at) => (
            <End key={label} x={RIGHT} y={rightTop(at)} label={label} />
          ))}
        </svg>
      </Box>
      <VisuallyHidden>
        <Table>
          <Table.Caption>the flow, in words</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>From</Table.Th>
              <Table.Th>To</Table.Th>
              <Table.Th>Fields</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bands.map(({ from: a, to: b, weight }) => (
              <Table.Tr key={`${a} ${b}`}>
                <Table.Td>{from[a]?.label}</Table.Td>
                <Table.Td>{to[b]?.label}</Table.Td>
                <Table.Td>{weight}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </>
  );
} // prettier-ignore

const End = ({ x, y, label, before = false }: { x: number; y: number; label: string; before?: boolean }) => (
  <g>
    <rect x={x} y={y} width={NODE} height={ROW} rx={3} fill="var(--mantine-primary-color-filled)" />
    <text x={before ? x - 8 : x + NODE + 8} y={y + ROW / 2 + 5} textAnchor={before ? 'end' : 'start'} fontSize={14} fill="var(--mantine-color-text)">
      {label}
    </text>
  </g>
); // prettier-ignore
