/** What a document changes: its roles, its texts, and every decision that comes out otherwise. */
import {
  Alert,
  Button,
  Card,
  Code,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import type { PolicyDocument, PolicyReview } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
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
      <Replay id={id} />
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
          <Wide label="changed roles" minWidth={520} stacks>
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

const RANK = { denied: 0, masked: 1, allowed: 2, clear: 2 } as const;
const SHOWN = 200;

export function Review({ review }: { review: PolicyReview }) {
  return (
    <Stack>
      {[
        ...review.faults.map((one) => ({
          color: 'red',
          title: `Fault${one.at === null ? '' : ` in ${one.at}`}`,
          says: `${one.says}: ${one.hint}`,
        })),
        ...review.broken.map((one) => ({
          color: 'red',
          title: `Breaks a rule that always holds: ${one.rule}`,
          says: `${one.says} (${one.count} times, such as ${one.where[0] ?? ''})`,
        })),
        ...review.notes.map((one) => ({
          color: 'orange',
          title: `To be known${one.at === null ? '' : ` of ${one.at}`}`,
          says: `${one.says}: ${one.hint}`,
        })),
      ].map(({ color, title, says }) => (
        <Alert key={title + says} color={color} title={title}>
          {says}
        </Alert>
      ))}
      {review.diff !== null && <Cells diff={review.diff} />}
    </Stack>
  );
}

function Cells({ diff }: { diff: NonNullable<PolicyReview['diff']> }) {
  const [show, setShow] = useState<'wider' | 'narrower'>(diff.wider === 0 && diff.narrower > 0 ? 'narrower' : 'wider');
  const cells = diff.cells.filter(({ from, to }) => RANK[to] > RANK[from] === (show === 'wider')).slice(0, SHOWN);
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" mb="xs">
        <Text>
          <b>{diff.wider}</b> decisions show more, <b>{diff.narrower}</b> show less.
        </Text>
        <SegmentedControl
          aria-label="which changes"
          value={show}
          onChange={(next) => setShow(next)}
          data={[
            { value: 'wider', label: `More (${diff.wider})` },
            { value: 'narrower', label: `Less (${diff.narrower})` },
          ]}
        />
      </Group>
      {diff[show] === 0 ? (
        <Empty title={show === 'wider' ? 'Nobody would see more' : 'Nobody would see less'} />
      ) : (
        <Wide label="changed decisions" minWidth={640} stacks>
          <Table stickyHeader>
            <Table.Caption>
              {cells.length === diff[show] ? `all ${cells.length}` : `the first ${cells.length} of ${diff[show]}`}
            </Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Role</Table.Th>
                <Table.Th>Does</Table.Th>
                <Table.Th>Purpose</Table.Th>
                <Table.Th>Class</Table.Th>
                <Table.Th>When</Table.Th>
                <Table.Th>Now</Table.Th>
                <Table.Th>Then</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {cells.map((cell) => (
                <Table.Tr key={JSON.stringify(cell)}>
                  <Table.Td>{cell.role}</Table.Td>
                  <Table.Td>{cell.action}</Table.Td>
                  <Table.Td>{cell.purpose}</Table.Td>
                  <Table.Td>{cell.dataClass ?? '–'}</Table.Td>
                  <Table.Td>
                    {Object.entries(cell.facts)
                      .map(([fact, value]) => `${fact} ${value}`)
                      .join(', ') || 'always'}
                  </Table.Td>
                  <Table.Td>{cell.from}</Table.Td>
                  <Table.Td>
                    <b>{cell.to}</b>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  );
}

/** Past decisions of the log, as this version would have made them: who would have lost or gained what. */
function Replay({ id }: { id: string }) {
  const replay = useMutation({ mutationFn: () => room.policies.replay(id) });
  return (
    <Card withBorder padding="sm" component="section" aria-label="what would have been">
      <Group justify="space-between">
        <Text size="sm">What would it have done to what was asked of late? The log has each decision.</Text>
        <Button variant="default" onClick={() => replay.mutate()} loading={replay.isPending}>
          Replay past decisions
        </Button>
      </Group>
      {replay.isError && <Problem error={replay.error} />}
      {replay.data !== undefined && (
        <Text size="sm" mt="xs" role="status">
          {replay.data.questions} questions in entries {replay.data.from} to {replay.data.to};{' '}
          {replay.data.changes.length === 0
            ? 'none would have come out otherwise'
            : 'these would have come out otherwise'}
        </Text>
      )}
      {replay.data !== undefined && replay.data.changes.length > 0 && (
        <Wide label="past decisions that would differ" minWidth={560} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Role</Table.Th>
                <Table.Th>Did</Table.Th>
                <Table.Th>Purpose</Table.Th>
                <Table.Th>Class</Table.Th>
                <Table.Th>Was</Table.Th>
                <Table.Th>Would be</Table.Th>
                <Table.Th>Times</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {replay.data.changes.map((one) => (
                <Table.Tr key={JSON.stringify(one)}>
                  <Table.Td>{one.role}</Table.Td>
                  <Table.Td>{one.action}</Table.Td>
                  <Table.Td>{one.purpose}</Table.Td>
                  <Table.Td>{one.dataClass ?? '–'}</Table.Td>
                  <Table.Td>{one.from}</Table.Td>
                  <Table.Td>
                    <b>{one.to}</b>
                  </Table.Td>
                  <Table.Td>{one.count}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  );
}
