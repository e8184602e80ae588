/**
 * Where data comes from, what it is held for and to whom it goes: drawn as a flow, and written out beneath. Recipients
 * stand beside purposes, not behind them: the catalogue says which fields somebody gets, not for which purpose.
 */
import { Anchor, Badge, Card, Stack, Table, Text, Title } from '@mantine/core';
import type { CatalogView, DataMap } from '@strongroom/sdk';

import { FlowPlot } from '../../ui/flow-plot.tsx';
import { counted } from '../../ui/listed.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASS_COLOURS } from '../classes.ts';
import { useCatalog } from '../session.ts';

type Flow = DataMap['flows'][number];
const SIDES = [
  ['source', 'Where it comes from', 'From'],
  ['purpose', 'What it is held for', 'For'],
  ['recipient', 'To whom it goes', 'To'],
] as const;
const nameOf = (id: string): string => id.slice(id.indexOf(':') + 1);
const collectionOf = ({ from, to }: Flow): string => nameOf(from.startsWith('collection:') ? from : to);
const otherOf = ({ from, to }: Flow): string => (from.startsWith('collection:') ? to : from);

export function FlowMap({ map }: { map: DataMap }) {
  const catalog = useCatalog();
  return (
    <Stack>
      {map.collections.map(({ name, title }) => (
        <OfCollection
          key={name}
          map={map}
          name={name}
          title={title}
          fields={catalog.data?.collections.find((each) => each.name === name)?.fields ?? []}
        />
      ))}
      <Anchor href="/v1/collection/data-map" download="data-map.json" size="sm">
        Take the data map along as JSON
      </Anchor>
    </Stack>
  );
}

type OfCollectionNeeds = Readonly<{
  map: DataMap;
  name: string;
  title: string;
  fields: CatalogView['collections'][number]['fields'];
}>;

function OfCollection({ map, name, title, fields }: OfCollectionNeeds) {
  const titles = new Map<string, string>([...map.purposes.map(({ id, title }) => [`purpose:${id}`, title] as const), ...map.recipients.map(({ id, title }) => [`recipient:${id}`, title] as const)]);
  const fieldTitles = new Map(fields.map((field) => [field.name, field.title]));
  const titleOf = (id: string): string => titles.get(id) ?? (id === 'source:subject' ? 'the people themselves' : nameOf(id));
  const fieldOf = (field: string): string => fieldTitles.get(field) ?? (field === 'attachments' ? 'Attachments' : field);
  const of = (side: string): Flow[] =>
    map.flows.filter((flow) => collectionOf(flow) === name && otherOf(flow).startsWith(`${side}:`));
  const endsOf = (side: string) => of(side).map((flow) => ({ label: titleOf(otherOf(flow)), fields: flow.fields }));
  return (
    <>
      <Title order={2} size="h4">
        {title}
      </Title>
      {/* on a phone nothing of it could be read; the tables say the same */}
      <Card withBorder padding="sm" component="section" aria-label={`flow of ${title}`} visibleFrom="sm">
        <Text size="sm" c="dimmed" mb="xs">
          As wide as there are fields that go from one to the other
        </Text>
        <FlowPlot
          left={['comes from', endsOf('source')]}
          right={[
            ['is held for', endsOf('purpose')],
            ['goes to', endsOf('recipient')],
          ]}
        />
      </Card>
      {SIDES.map(([side, heading, head]) => (
        <Card key={side} withBorder padding="sm" component="section" aria-label={heading}>
          <Title order={3} size="h5" mb="xs">
            {heading}
          </Title>
          <Wide label={`${heading}: flows`} minWidth={520} stacks>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w="30%">{head}</Table.Th>
                  <Table.Th>Up to</Table.Th>
                  <Table.Th w="55%">Fields</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {of(side).map((flow) => (
                  <Table.Tr key={otherOf(flow)}>
                    <Table.Th scope="row" fw={500}>
                      {titleOf(otherOf(flow))}
                    </Table.Th>
                    <Table.Td>
                      <Badge variant="light" color={CLASS_COLOURS[flow.class] ?? 'gray'}>
                        {flow.class}
                      </Badge>
                    </Table.Td>
                    <Table.Td className="wrap">
                      {counted(flow.fields.length, 'field')}: {flow.fields.map(fieldOf).join(', ')}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      ))}
    </>
  );
} // prettier-ignore
