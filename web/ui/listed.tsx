/** Rows under a title, which scroll by themselves where they are wider than a phone; and how many of something there are. */
import { Card, Group, Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import { Wide } from './wide.tsx';

export function Listed({
  title,
  head,
  minWidth = 560,
  stacks = false,
  aside,
  children,
}: {
  title: string;
  head: readonly string[];
  minWidth?: number;
  stacks?: boolean;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" p="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {aside}
      </Group>
      <Wide label={title.toLowerCase()} minWidth={minWidth} stacks={stacks}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {head.map((each) => (
                <Table.Th key={each}>{each}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

/** 1, request → "1 request". */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString()} ${n === 1 ? one : many}`;
