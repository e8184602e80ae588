/** What a document changes: its roles, its texts, and every decision that comes out otherwise. */
import { Alert, Card, Code, Group, SegmentedControl, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import type { PolicyDocument, PolicyReview } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { policyChanges, roleChanges } from '../role-changes.ts';
import { room } from '../room.ts';

/** Of a version, against the one that holds. */
export function Changes({ id, document }: { id: string; document: PolicyDocument }) {
  const review = useQuery({ queryKey: ['policy', id, 'review'], queryFn: () => room.policies.review(id) });
  const active = useQuery({ queryKey: ['policy', 'active'], queryFn: () => room.policies.get('active') });
  if (review.isPending || active.isPending) return <Fetching what="every decision, before and after" />;
  if (review.isError || active.isError) return <Problem error={review.error ?? active.error} />;
  return (
    <Stack>
      <DocumentDiff before={active.data.document} after={document} />
      <Review review={review.data} />
    </Stack>
  );
}

export function DocumentDiff({ before, after }: { before: PolicyDocument; after: PolicyDocument }) {
  const roles = roleChanges(before.roles, after.roles);
  const texts = policyChanges(before.policies, after.policies);
  return (
    <>
      <Card withBorder padding="sm" component="section" aria-label="changes of roles">
        <Title order={2} size="h5" mb="xs">
          Roles
        </Title>
        {roles.length === 0 ? (
          <Text size="sm">No role changes.</Text>
        ) : (
          <Wide label="changed roles" minWidth={520}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>What</Table.Th>
                  <Table.Th>Now</Table.Th>
                  <Table.Th>Then</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {roles.map(({ role, what, from, to }) => (
                  <Table.Tr key={`${role} ${what}`}>
                    <Table.Th scope="row" fw={500}>
                      {role}
                    </Table.Th>
                    <Table.Td>{what}</Table.Td>
                    <Table.Td>{from}</Table.Td>
                    <Table.Td>
                      <b>{to}</b>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Card>
      {texts.map(({ id, from, to }) => (
        <Card key={id} withBorder padding="sm" component="section" aria-label={`change of ${id}`}>
          <Title order={2} size="h5" ff="monospace" mb="xs">
            {id}
          </Title>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {[
              { what: 'Now', text: from },
              { what: 'Then', text: to },
            ].map(({ what, text }) => (
              <div key={what}>
                <Text size="sm">{what}</Text>
                <Code block className="wrap">
                  {text ?? '(there is none)'}
                </Code>
              </div>
            ))}
          </SimpleGrid>
        </Card>
      ))}
    </>
  );
}

export function Review({ review }: { review: PolicyReview }) {
  const [show, setShow] = useState('wider');
  const rank = { denied: 0, masked: 1, allowed: 2, clear: 2 } as const;
  const cells = review.diff?.cells.filter(({ from, to }) => rank[to] > rank[from] === (show === 'wider')) ?? [];
  return (
    <Stack>
      {[
        ...review.faults.map((one) => ({ title: `Fault${one.at === null ? '' : ` in ${one.at}`}`, says: one.says })),
        ...review.broken.map((one) => ({
          title: `Breaks a rule that always holds: ${one.rule}`,
          says: `${one.says} (${one.count} times, such as ${one.where[0] ?? ''})`,
        })),
      ].map(({ title, says }) => (
        <Alert key={title + says} color="red" title={title}>
          {says}
        </Alert>
      ))}
      {review.diff !== null && (
        <Card withBorder padding="xs">
          <Group justify="space-between" mb="xs">
            <Text>
              <b>{review.diff.wider}</b> decisions show more, <b>{review.diff.narrower}</b> show less.
            </Text>
            <SegmentedControl
              aria-label="which changes"
              value={show}
              onChange={setShow}
              data={[
                { value: 'wider', label: 'More' },
                { value: 'narrower', label: 'Less' },
              ]}
            />
          </Group>
          {cells.length === 0 ? (
            <Empty title={show === 'wider' ? 'Nobody would see more' : 'Nobody would see less'} />
          ) : (
            <Wide label="changed decisions" minWidth={560}>
              <Table stickyHeader>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Role</Table.Th>
                    <Table.Th>Does</Table.Th>
                    <Table.Th>Purpose</Table.Th>
                    <Table.Th>Class</Table.Th>
                    <Table.Th>Now</Table.Th>
                    <Table.Th>Then</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {cells.slice(0, 200).map((cell) => (
                    <Table.Tr key={JSON.stringify(cell)}>
                      <Table.Td>{cell.role}</Table.Td>
                      <Table.Td>{cell.action}</Table.Td>
                      <Table.Td>{cell.purpose}</Table.Td>
                      <Table.Td>{cell.dataClass ?? '–'}</Table.Td>
                      <Table.Td>{cell.from}</Table.Td>
                      <Table.Td>{cell.to}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          )}
        </Card>
      )}
    </Stack>
  );
}
