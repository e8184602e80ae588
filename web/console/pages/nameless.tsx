/** What was reported without a name, the newest first, and the link that it comes by. */
import { Anchor, Card, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Pager } from '../../ui/pager.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { NamelessLink } from './nameless-link.tsx';
import { reportedAs, Stands } from './nameless-parts.tsx';
import { counted, Listed } from '../../ui/listed.tsx';

export function NamelessPage() {
  const [which, setWhich] = useState<'open' | 'all'>('open');
  const [before, setBefore] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ['incidents', 'nameless', which, before],
    queryFn: () => room.incidents.nameless({ which, ...(before === null ? {} : { before }) }),
    refetchInterval: 30_000,
  });
  const reports = found.data?.reports ?? [];
  return (
    <Stack>
      <div>
        <Text component={Link} to="/incidents" size="sm" c="dimmed">
          ← Incidents
        </Text>
        <Title order={1} size="h2">
          Reported without a name
        </Title>
        <Text size="sm" c="dimmed" maw={720}>
          Nobody here knows who reports, and nothing that is reported here is held against anybody. Whoever reported
          comes back with a number, reads what you ask, and answers.
        </Text>
      </div>
      <SegmentedControl
        size="sm"
        w="fit-content"
        aria-label="which reports"
        value={which}
        onChange={(next) => {
          setBefore(null);
          setWhich(next);
        }}
        data={[
          { value: 'open', label: 'Not closed' },
          { value: 'all', label: 'All' },
        ]}
      />
      {found.isError && <Problem error={found.error} />}
      {found.isPending && <Fetching what="reports" />}
      {found.data !== undefined && reports.length === 0 && (
        <Card withBorder>
          <Empty title={which === 'open' ? 'Nothing waits' : 'Nothing was reported yet'}>
            What comes by a link of the card below is here within seconds, and you are told by mail.
          </Empty>
        </Card>
      )}
      {reports.length > 0 && (
        <Listed
          stacks
          title={counted(reports.length, 'report')}
          head={['What it is most like', 'How it stands', 'Reported', 'Moved last', 'Incident']}
          minWidth={760}
        >
          {reports.map((each) => (
            <Table.Tr key={each.id}>
              <Table.Th scope="row" fw={500}>
                <Anchor component={Link} to={`/incidents/reports/${each.id}`} size="sm" underline="always">
                  {reportedAs(each.kind)}
                </Anchor>
              </Table.Th>
              <Table.Td>
                <Stands of={each} />
              </Table.Td>
              <Table.Td>
                <When at={each.receivedAt} />
              </Table.Td>
              <Table.Td>
                <When at={each.movedAt} />
              </Table.Td>
              <Table.Td>
                {each.incident === null ? (
                  'none'
                ) : (
                  <Anchor component={Link} to={`/incidents/${each.incident}`} size="sm" underline="always">
                    open it
                  </Anchor>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Listed>
      )}
      <Pager before={before} next={found.data?.next ?? null} turn={setBefore} />
      <NamelessLink />
    </Stack>
  );
}
