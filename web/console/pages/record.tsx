/** The record of processing (GDPR art. 30), and where data comes from and goes: as the system does it, to read and to take along. */
import { Badge, Button, Card, Group, List, Stack, Table, Tabs, Text, Title } from '@mantine/core';
import type { RecordOfProcessing } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';

import { counted } from '../../ui/listed.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { dayOf, When } from '../when.tsx';
import { FlowMap } from './data-map.tsx';

const AT = '/v1/collection/record-of-processing';

export function RecordPage() {
  const record = useQuery({ queryKey: ['record of processing'], queryFn: () => room.collection.record() });
  const map = useQuery({ queryKey: ['data map'], queryFn: () => room.collection.dataMap() });
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Title order={1} size="h2">
            Record of processing
          </Title>
          <Text size="sm" c="dimmed">
            GDPR article 30, written from the catalogue and the settings in force
          </Text>
        </div>
        <Group>
          <Button component="a" href={`${AT}.pdf`} download>
            PDF
          </Button>
          <Button component="a" href={`${AT}.csv`} download variant="default">
            CSV
          </Button>
          <Button component="a" href={AT} download="record-of-processing.json" variant="default">
            JSON
          </Button>
        </Group>
      </Group>
      {(record.isPending || map.isPending) && <Fetching what="the record" />}
      {(record.isError || map.isError) && <Problem error={record.error ?? map.error} />}
      {record.data !== undefined && map.data !== undefined && (
        <Tabs defaultValue="activities" keepMounted={false}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="activities">Activities</Tabs.Tab>
            <Tabs.Tab value="map">Data map</Tabs.Tab>
            <Tabs.Tab value="measures">Measures</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="activities">
            <Activities record={record.data} />
          </Tabs.Panel>
          <Tabs.Panel value="map">
            <FlowMap map={map.data} />
          </Tabs.Panel>
          <Tabs.Panel value="measures">
            <List>
              {record.data.measures.map((measure) => (
                <List.Item key={measure}>{measure}</List.Item>
              ))}
            </List>
          </Tabs.Panel>
        </Tabs>
      )}
    </Stack>
  );
}

function Activities({ record }: { record: RecordOfProcessing }) {
  return (
    <Stack>
      <Text size="sm">
        {record.controller.name}
        {record.controller.contact === null ? '' : `, ${record.controller.contact}`}; generated{' '}
        <When at={record.generatedAt} />
      </Text>
      {record.activities.map((one) => (
        <Card key={one.purpose} withBorder component="section" aria-label={one.title}>
          <Group gap="xs" mb="xs">
            <Title order={2} size="h5">
              {one.title}
            </Title>
            <Text size="sm" c="dimmed" className="mono">
              {one.purpose}
            </Text>
            {one.needsConsent && <Badge variant="light">consent</Badge>}
            {one.until !== null && <Badge variant="outline">until {dayOf(one.until)}</Badge>}
          </Group>
          <Table variant="vertical" layout="fixed">
            <Table.Tbody>
              {rowsOf(one).map(([label, text]) => (
                <Table.Tr key={label}>
                  <Table.Th w={120}>{label}</Table.Th>
                  <Table.Td className="wrap">{text}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Card>
      ))}
    </Stack>
  );
}

const COUNTRIES = new Intl.DisplayNames(undefined, { type: 'region' });
/** DE → Germany, in the reader's own language. */
const countryOf = (code: string): string => COUNTRIES.of(code) ?? code;

const rowsOf = (one: RecordOfProcessing['activities'][number]): (readonly [string, string])[] => [
  ['Legal basis', one.basis],
  ['Whose data', one.subjects.join(', ')],
  ['Data', one.fields.map(({ title, class: of }) => `${title} (${of})`).join(', ')],
  [
    'Recipients',
    one.recipients
      .map(
        ({ title, country, safeguard }) =>
          `${title}: ${country === null ? 'country not said' : countryOf(country)}${safeguard === null ? '' : `, ${safeguard}`}`,
      )
      .join('; ') || 'none',
  ],
  ['Kept', one.retention.map((each) => `${each.says} (${counted(each.fields.length, 'field')})`).join('; ')],
];
