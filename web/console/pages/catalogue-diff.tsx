/** What changes from one catalogue to another, and what that means for what is stored and for whom it is about. */
import { Badge, Card, List, Table, Text, Title } from '@mantine/core';
import type { CatalogChanges } from '@strongroom/sdk';

import { durationsInWords } from '../../ui/duration.ts';
import { counted } from '../../ui/listed.tsx';
import { Wide } from '../../ui/wide.tsx';

const EFFECTS = {
  breaking: { color: 'red', says: 'stored values, or callers, no longer fit' },
  rebuild: { color: 'blue', says: 'the search index is made anew' },
  notice: { color: 'orange', says: 'what subjects were told changes' },
  safe: { color: 'gray', says: 'nothing else is touched' },
} as const;

/** What changes in the same way stands together, so that what is one of its kind is not lost among many. */
function alike(changes: CatalogChanges['changes']): { effect: keyof typeof EFFECTS; says: string; paths: string[] }[] {
  const groups = new Map<string, { effect: keyof typeof EFFECTS; says: string; paths: string[] }>();
  for (const { path, effect, says } of changes) {
    const group = groups.get(`${effect} ${says}`) ?? { effect, says, paths: [] };
    group.paths.push(path);
    groups.set(`${effect} ${says}`, group);
  }
  const rank = Object.keys(EFFECTS);
  return [...groups.values()].toSorted(
    (a, b) => rank.indexOf(a.effect) - rank.indexOf(b.effect) || a.paths.length - b.paths.length,
  );
}

/** `collections.customer.fields.email.purposes` → `customer.email`; what is no field keeps its path. */
const short = (path: string): string =>
  path
    .replace(/^collections\./, '')
    .replace('.fields.', '.')
    .replace(/\.(purposes|recipients|search)$/, '');

export function CatalogueDiff({ diff }: { diff: CatalogChanges }) {
  if (diff.changes.length === 0) return <Text size="sm">It means the same: nothing changes.</Text>;
  const kinds = alike(diff.changes);
  const effects = Object.entries(EFFECTS).filter(([name]) => diff.changes.some(({ effect }) => effect === name));
  return (
    <Card withBorder padding="sm" component="section" aria-label="what changes">
      <Title order={2} size="h5" mb="xs">
        {kinds.length === diff.changes.length ? counted(kinds.length, 'change') : `${counted(kinds.length, 'kind')} of change, in ${counted(diff.changes.length, 'place')}`}
      </Title>
      <List size="sm" mb="xs">
        {effects.map(([name, { says }]) => (
          <List.Item key={name}>
            <b>{name}</b>: {says}
          </List.Item>
        ))}
      </List>
      <Wide label="changes" minWidth={560} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Effect</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Where</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {kinds.map(({ paths, effect, says }) => (
              <Table.Tr key={`${effect} ${says}`}>
                <Table.Td>
                  <Badge variant="light" color={EFFECTS[effect].color}>
                    {effect}
                  </Badge>
                </Table.Td>
                <Table.Td className="wrap">{durationsInWords(says)}</Table.Td>
                <Table.Td className="wrap mono">
                  <Text size="xs" ff="monospace">
                    {paths.map(short).join(', ')}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
} // prettier-ignore
