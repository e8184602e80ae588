/** Mails that people reported and that were no exercise: the security team says what they were. */
import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { ReportedMails } from '@strongroom/sdk';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';

import { counted } from '../../ui/listed.tsx';
import { Empty, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const COLOURS = { open: 'orange', phish: 'red', harmless: 'teal' } as const;

export function Reported() {
  const may = useWhoAmI().data?.actions.includes('reports.judge') === true;
  const found = useInfiniteQuery({
    queryKey: ['phishing', 'reports'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => room.phishing.reports(pageParam),
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: may,
  });
  const reports = found.data?.pages.flatMap((page) => page.reports);
  if (!may) return null;
  return (
    <Card withBorder padding="xs" component="section" aria-label="reported mail">
      <Title order={2} size="h4" p="xs">
        Reported, and no exercise
      </Title>
      {found.isError && <Problem error={found.error} />}
      {reports?.length === 0 && <Empty title="Nothing was reported">Anybody who works here reports an odd mail under “Report something”. It comes here, once for all who got it: then say what it was.</Empty>}
      {reports !== undefined && reports.length > 0 && (
        <Wide label="reported mail" minWidth={640} stacks>
          <Table>
            <Table.Caption>links are never followed here, and files never opened</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Mail</Table.Th>
                <Table.Th>Reports</Table.Th>
                <Table.Th>Last</Table.Th>
                <Table.Th>What it was</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {reports.map((one) => (
                <Row key={one.id} one={one} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {found.hasNextPage && (
        <Button variant="subtle" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
} // prettier-ignore

function Row({ one: { id, mail, reports, reporters, lastAt, verdict } }: { one: ReportedMails['reports'][number] }) {
  const queries = useQueryClient();
  const judge = useMutation({
    mutationFn: (as: 'phish' | 'harmless') => room.phishing.judge(id, as),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['phishing', 'reports'] }),
  });
  const name = mail === null ? id : mail.subject || mail.text.slice(0, 80);
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500} className="wrap">
        {name}
        <Text size="xs" c="dimmed" className="wrap">
          {mail?.from} {mail !== null && mail.hosts.length > 0 && `leads to ${mail.hosts.join(', ')}`}
        </Text>
      </Table.Th>
      <Table.Td>
        {counted(reports, 'report')} by {counted(reporters, 'person', 'people')}
      </Table.Td>
      <Table.Td>
        <When at={lastAt} />
      </Table.Td>
      <Table.Td>
        <Stack gap={4} align="flex-start">
          <Badge variant="light" color={COLOURS[verdict]}>
            {verdict}
          </Badge>
          <Group gap={4}>
            {(['phish', 'harmless'] as const)
              .filter((each) => each !== verdict)
              .map((each) => (
                <Button key={each} size="compact-xs" variant="default" aria-label={`${each}: ${name}`} loading={judge.isPending} onClick={() => judge.mutate(each)}>
                  {each}
                </Button>
              ))}
          </Group>
          {judge.isError && <Refused error={judge.error} again={() => judge.reset()} />}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore
