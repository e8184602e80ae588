/** What was opened about oneself; and for who opens and decides, those in which they have a part. It names nobody. */
import { Anchor, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { ViolationLine } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Pager } from '../../ui/pager.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { OpenViolation } from './violation-open.tsx';
import { outcomeOf, ViolationBadge, YOURS } from './violation-parts.tsx';

export function ViolationsPage() {
  const actions: readonly string[] = useWhoAmI().data?.actions ?? [];
  const mine = useQuery({ queryKey: ['violations', 'mine'], queryFn: () => room.violations.mine() });
  if (mine.isError) return <Problem error={mine.error} />;
  if (mine.data === undefined) return <Fetching what="what is about you" />;
  const { violations } = mine.data;
  return (
    <Stack maw={920}>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Broken rules
        </Title>
        {actions.includes('violations.open') && <OpenViolation />}
      </Group>
      <Text size="sm">
        What people report about themselves within 24 hours does not count as one, nor does a click on an exercise mail. Whoever it is about is
        heard before anything is decided; two people who have no part in it decide, and an appeal is open.
      </Text>
      <Title order={2} size="h3">
        About you
      </Title>
      {violations.length === 0 ? (
        <Empty title="Nothing">If something is ever opened about you, it stands here, with all that it is founded on.</Empty>
      ) : (
        <Lines label="about you" violations={violations} />
      )}
      {actions.some((each) => each.startsWith('violations.')) && <Others />}
    </Stack>
  );
} // prettier-ignore

function Others() {
  const [after, turn] = useState<string | null>(null);
  const found = useQuery({ queryKey: ['violations', 'all', after], queryFn: () => room.violations.list(after ?? undefined) }); // prettier-ignore
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="violations" />;
  const { violations, next } = found.data;
  return (
    <>
      <Title order={2} size="h3">
        Yours to see
      </Title>
      {violations.length === 0 ? (
        <Empty title="None">Those that wait for you to decide stand here.</Empty>
      ) : (
        <Lines
          label="yours to see"
          says="Whom each is about is said on its own page, and only there."
          violations={violations}
        />
      )}
      <Pager before={after} next={next} turn={turn} />
    </>
  );
}

function Lines({ label, says, violations }: { label: string; says?: string; violations: readonly ViolationLine[] }) {
  return (
    <Wide label={`violations: ${label}`} minWidth={620} stacks>
      <Table>
        {says !== undefined && <Table.Caption>{says}</Table.Caption>}
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Policy</Table.Th>
            <Table.Th>Opened</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Decided</Table.Th>
            <Table.Th>Yours to do</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {violations.map((each) => (
            <Table.Tr key={each.id}>
              <Table.Th scope="row" fw={500}>
                <Anchor underline="always" size="sm" component={Link} to={`/violations/${each.id}`}>
                  {each.title}
                </Anchor>
              </Table.Th>
              <Table.Td>
                <When at={each.openedAt} />
              </Table.Td>
              <Table.Td>
                <ViolationBadge state={each.state} />
              </Table.Td>
              <Table.Td>{each.outcome === null ? '–' : outcomeOf(each.outcome)}</Table.Td>
              <Table.Td>{each.may.map((one) => YOURS[one]).join(', ') || '–'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
