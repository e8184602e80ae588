/** What is held, by class and collection: the catalogue that holds now. */
import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { CatalogView } from '@strongroom/sdk';
import { Link } from '@tanstack/react-router';

import { Bars } from '../../ui/bars.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASS_COLOURS, CLASSES } from '../classes.ts';
import { usePurposes } from '../purposes.ts';
import { useCatalog, useWhoAmI } from '../session.ts';

export function CataloguePage() {
  const catalog = useCatalog();
  const who = useWhoAmI();
  if (catalog.isPending) return <Fetching what="the catalogue" />;
  if (catalog.isError) return <Problem error={catalog.error} />;
  const { collections, purposes, title, version } = catalog.data;
  const fields = collections.flatMap((each) => each.fields);
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Title order={1} size="h2">
            Catalogue
          </Title>
          <Text size="sm" c="dimmed">
            {title ?? 'What is held here'}; version <span className="mono">{version.slice(0, 12)}</span>
          </Text>
        </div>
        <Group>
          <Button component={Link} to="/catalogue/versions" variant="default">
            Versions
          </Button>
          {who.data?.actions.includes('catalog.propose') === true && (
            <Button component={Link} to="/catalogue/draft">
              Propose a change
            </Button>
          )}
        </Group>
      </Group>
      <Card withBorder component="section" aria-label="fields by class">
        <Title order={2} size="h5" mb="sm">
          {fields.length} fields for {purposes.length} purposes, by class
        </Title>
        <Bars
          label="fields by class"
          unit="fields"
          of={Math.max(1, fields.length)}
          bars={CLASSES.map((name) => ({
            label: name,
            value: fields.filter((field) => field.class === name).length,
            color: `var(--mantine-color-${CLASS_COLOURS[name] ?? 'gray'}-filled)`,
          }))}
        />
      </Card>
      {collections.map((collection) => (
        <Fields key={collection.name} collection={collection} />
      ))}
    </Stack>
  );
}

function Fields({ collection }: { collection: CatalogView['collections'][number] }) {
  const purposeOf = usePurposes();
  return (
    <Card withBorder padding="sm" component="section" aria-label={collection.title}>
      <Group gap="xs" mb="xs">
        <Title order={2} size="h5">
          {collection.title}
        </Title>
        <Badge variant="light" color="gray">
          gate: {collection.gate}
        </Badge>
        {collection.attachments && <Badge variant="outline">takes files</Badge>}
      </Group>
      <Wide label={`fields of ${collection.title}`} minWidth={640} stacks>
        <Table>
          <Table.Caption>Known at its source by {collection.externalId}.</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Class</Table.Th>
              <Table.Th>Type</Table.Th>
              <Table.Th>What for</Table.Th>
              <Table.Th>Search</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {collection.fields.map((field) => (
              <Table.Tr key={field.name}>
                <Table.Th scope="row" fw={500}>
                  {field.title}
                  <Text size="xs" c="dimmed" className="mono">
                    {field.name}
                  </Text>
                </Table.Th>
                <Table.Td>
                  <Badge variant="light" color={CLASS_COLOURS[field.class] ?? 'gray'}>
                    {field.class}
                  </Badge>
                </Table.Td>
                <Table.Td>
                  {field.type}
                  {field.minimise !== null && (
                    <Text size="xs" c="dimmed">
                      stored as {field.minimise}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td className="wrap">{field.purposes.map(purposeOf).join(', ')}</Table.Td>
                <Table.Td>{field.search.join(', ') || '–'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}
