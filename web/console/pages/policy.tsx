/** One version of the policies: its roles and texts, edited into a proposal; what a change would change; approve, activate. */
import {
  Accordion, Alert, Badge, Button, Card, Group, SegmentedControl, Stack, Table, Tabs, Text, Textarea, TextInput, Title,
} from '@mantine/core'; // prettier-ignore
import type { PolicyReview } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { MatrixTable } from './matrix-table.tsx';
import { STATE_COLOURS } from './policies.tsx';

export function PolicyPage({ version }: { version: string }) {
  const queries = useQueryClient();
  const policy = useQuery({ queryKey: ['policy', version], queryFn: () => room.policies.get(version) });
  const anew = () => queries.invalidateQueries();
  const approve = useMutation({
    mutationFn: ({ id, hash }: { id: string; hash: string }) => room.policies.approve(id, hash),
    onSuccess: anew,
  });
  const activate = useMutation({ mutationFn: (id: string) => room.policies.activate(id), onSuccess: anew });
  if (policy.isPending) return <Fetching what="the policies" />;
  if (policy.isError) return <Problem error={policy.error} />;
  const { id, hash, state, note } = policy.data;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/policies" size="sm" c="dimmed">
            ← Policies
          </Text>
          <Group gap="xs">
            <Title order={1} size="h2">
              Version …{id.slice(-8)}
            </Title>
            <Badge color={STATE_COLOURS[state] ?? 'gray'}>{state}</Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        </div>
        <Group>
          {state === 'validated' && (
            <Button onClick={() => approve.mutate({ id, hash })} loading={approve.isPending}>
              Approve
            </Button>
          )}
          {state === 'approved' && (
            <Button onClick={() => activate.mutate(id)} loading={activate.isPending}>
              Activate
            </Button>
          )}
        </Group>
      </Group>
      {(approve.isError || activate.isError) && <Problem error={approve.error ?? activate.error} />}
      <Tabs defaultValue={state === 'active' || state === 'retired' ? 'matrix' : 'changes'} keepMounted={false}>
        <Tabs.List mb="sm">
          {state !== 'active' && state !== 'retired' && <Tabs.Tab value="changes">What it changes</Tabs.Tab>}
          <Tabs.Tab value="matrix">Who sees what</Tabs.Tab>
          <Tabs.Tab value="texts">Policies</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes">
          <Changes id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="matrix">
          <MatrixTable id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="texts">
          <Texts document={policy.data.document} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Changes({ id }: { id: string }) {
  const review = useQuery({ queryKey: ['policy', id, 'review'], queryFn: () => room.policies.review(id) });
  if (review.isPending) return <Fetching what="every decision, before and after" />;
  if (review.isError) return <Problem error={review.error} />;
  return <Review review={review.data} />;
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

type Document = Awaited<ReturnType<typeof room.policies.get>>['document'];

/** Cedar texts by their ids; a changed one is looked at before it is proposed. */
function Texts({ document }: { document: Document }) {
  const navigate = useNavigate();
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(document.policies);
  const [note, setNote] = useState('');
  const changed = Object.keys(texts).filter((id) => texts[id] !== document.policies[id]);
  const next: Document = {
    ...document,
    policies: Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== '')),
  };
  const look = useMutation({ mutationFn: () => room.policies.test(next) });
  const propose = useMutation({
    mutationFn: () => room.policies.propose(next, note),
    onSuccess: async ({ version }) => navigate({ to: `/policies/${version.id}` }),
  });
  return (
    <Stack>
      <Text size="sm">
        Cedar. Change a text and look at what it would do; an empty one is left out. Whoever proposes a version cannot
        approve it.
      </Text>
      <Accordion variant="contained" multiple>
        {Object.entries(texts).map(([id, text]) => (
          <Accordion.Item key={id} value={id}>
            <Accordion.Control>
              <Group gap="xs">
                <Text ff="monospace" size="sm">
                  {id}
                </Text>
                {changed.includes(id) && <Badge color="orange">changed</Badge>}
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <Textarea
                aria-label={`policy ${id}`}
                autosize
                minRows={3}
                ff="monospace"
                spellCheck={false}
                value={text}
                onChange={(event) => setTexts({ ...texts, [id]: event.currentTarget.value })}
              />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {changed.length > 0 && (
        <Card withBorder>
          <Stack>
            <Group>
              <Button variant="default" onClick={() => look.mutate()} loading={look.isPending}>
                What would it change?
              </Button>
              <TextInput
                aria-label="what for"
                placeholder="What is it for?"
                value={note}
                onChange={(event) => setNote(event.currentTarget.value)}
                flex={1}
              />
              <Button onClick={() => propose.mutate()} loading={propose.isPending} disabled={note.trim() === ''}>
                Propose
              </Button>
            </Group>
            {(look.isError || propose.isError) && <Problem error={look.error ?? propose.error} />}
            {look.data !== undefined && <Review review={look.data} />}
          </Stack>
        </Card>
      )}
    </Stack>
  );
}
