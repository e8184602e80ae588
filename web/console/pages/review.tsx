/** One review: each holder with what it used the role for; keep or remove, then sign off, and take the result out. */
import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Checkbox,
  Code,
  Group,
  Stack,
  Table,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReviewItems } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { provenReview } from '../proven-review.ts';
import { room } from '../room.ts';
import { useSession, useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { ExtendReview } from './extend-review.tsx';
import { reviewState } from './reviews.tsx';

type Item = ReviewItems['items'][number];

export function ReviewPage({ review: id }: { review: string }) {
  const queries = useQueryClient();
  const [session, who] = [useSession(), useWhoAmI()];
  const review = useQuery({ queryKey: ['reviews', id], queryFn: () => room.reviews.get(id) });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [deciding, setDeciding] = useState<readonly Item[] | null>(null);
  const close = useMutation({
    mutationFn: () => room.reviews.close(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['reviews'] }),
  });
  if (review.isPending) return <Fetching what="the review" />;
  if (review.isError) return <Problem error={review.error} />;
  const { role, owner, items, showsClear, closedAt } = review.data;
  const { says, colour } = reviewState(review.data);
  const open = items.filter(({ decision }) => decision === null);
  const answers = closedAt === null && who.data?.role === owner && who.data.actions.includes('reviews.decide');
  const me = session.data?.person;
  const mayExtend =
    closedAt === null &&
    review.data.extendedAt === null &&
    who.data?.role !== owner &&
    who.data?.actions.includes('reviews.begin');
  // customers in clear: each holder is thought about, so there is nothing to choose many by
  const many = answers && !showsClear && open.length > 1;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/reviews" size="sm" c="dimmed">
            ← Reviews
          </Text>
          <Group gap="xs">
            <Title order={1} size="h2">
              Who has the role {role}
            </Title>
            <Badge variant="light" color={colour}>
              {says}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {items.length - open.length} of {items.length} decided; due <When at={review.data.dueAt} />
            {review.data.extendedAt !== null && ', after it was given more time'}
          </Text>
        </div>
        <Group>
          {many && (
            <Button
              variant="default"
              disabled={chosen.length === 0}
              onClick={() => setDeciding(open.filter(({ holder }) => chosen.includes(holder)))}
            >
              Decide on {chosen.length} chosen
            </Button>
          )}
          {mayExtend === true && <ExtendReview review={id} />}
          {answers && (
            <Confirm
              label="Sign off"
              title="Sign this review off?"
              variant="filled"
              disabled={open.length > 0}
              loading={close.isPending}
              onYes={() => close.mutate()}
            >
              The result goes into the audit log as it is, and nothing in it can be changed afterwards.
            </Confirm>
          )}
        </Group>
      </Group>
      {close.isError && <Problem error={close.error} />}
      {closedAt === null && who.isSuccess && !answers && (
        <Alert title={`The role ${owner} decides here`}>
          You can read along. Act in the role {owner} to decide, if it is one of yours.
        </Alert>
      )}
      {closedAt !== null && <Result id={id} />}
      {items.length === 0 ? (
        <Empty title="Nobody has this role">Sign the review off, so that this is known.</Empty>
      ) : (
        <Card withBorder padding="xs">
          <Wide label="holders" minWidth={680} stacks>
            <Table>
              <Table.Caption>
                {showsClear ? 'This role sees customers in clear: one holder at a time. ' : ''}
                Use is what the audit log told when the review began.
              </Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  {many && <Table.Th>Choose</Table.Th>}
                  <Table.Th>Holder</Table.Th>
                  <Table.Th>Last used</Table.Th>
                  <Table.Th>Times</Table.Th>
                  <Table.Th>Others with it</Table.Th>
                  <Table.Th ta="right">Decision</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((item) => (
                  <Table.Tr key={item.holder}>
                    {many && (
                      <Table.Td>
                        {item.decision === null && item.holder !== me && (
                          <Checkbox
                            aria-label={`choose ${item.name}`}
                            checked={chosen.includes(item.holder)}
                            onChange={({ currentTarget: { checked } }) =>
                              setChosen((now) =>
                                checked ? [...now, item.holder] : now.filter((each) => each !== item.holder),
                              )
                            }
                          />
                        )}
                      </Table.Td>
                    )}
                    <Table.Th scope="row" fw={500}>
                      {item.name}
                      <Text size="xs" c="dimmed">
                        {item.holder.startsWith('key_') ? 'key of a program' : 'person'} …{item.holder.slice(-6)}
                      </Text>
                    </Table.Th>
                    <Table.Td>
                      <When at={item.lastUsed} />
                    </Table.Td>
                    <Table.Td>{item.count}</Table.Td>
                    <Table.Td>{item.peers}</Table.Td>
                    <Table.Td ta="right">
                      {item.decision === null ? (
                        item.holder === me ? (
                          <Text size="sm">somebody else decides on you</Text>
                        ) : answers ? (
                          <Button
                            size="compact-sm"
                            variant="light"
                            aria-label={`Decide on ${item.name}`}
                            onClick={() => setDeciding([item])}
                          >
                            Decide
                          </Button>
                        ) : (
                          'not yet'
                        )
                      ) : (
                        <>
                          <Badge variant="light" color={item.decision === 'keep' ? 'teal' : 'red'}>
                            {item.decision === 'keep' ? 'kept' : 'removed'}
                          </Badge>
                          <Text size="xs" c="dimmed" className="wrap">
                            {item.note}
                          </Text>
                        </>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {deciding !== null && (
        <Decide
          id={id}
          role={role}
          items={deciding}
          onClose={() => setDeciding(null)}
          onDone={async () => {
            setDeciding(null);
            setChosen([]);
            await queries.invalidateQueries({ queryKey: ['reviews'] });
          }}
        />
      )}
    </Stack>
  );
}

function Decide({
  id,
  role,
  items,
  onClose,
  onDone,
}: {
  id: string;
  role: string;
  items: readonly Item[];
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const [note, setNote] = useState('');
  const holders = items.map(({ holder }) => holder);
  const names = items.map(({ name }) => name).join(', ');
  const decide = useMutation({
    mutationFn: (decision: 'keep' | 'remove') =>
      room.reviews.decide(id, { holders, decision, ...(note.trim() === '' ? {} : { note: note.trim() }) }),
    onSuccess: onDone,
  });
  const [one] = items;
  return (
    <Dialog
      title={`Does ${names} still need ${role}?`}
      sending={decide}
      onClose={onClose}
      choices={
        <>
          <Button color="red" variant="light" loading={decide.isPending} onClick={() => decide.mutate('remove')}>
            Remove
          </Button>
          <Button loading={decide.isPending} onClick={() => decide.mutate('keep')}>
            Keep
          </Button>
        </>
      }
    >
      {items.length === 1 && one !== undefined && (
        <Text size="sm">
          Used {counted(one.count, 'time')}, last <When at={one.lastUsed} />;{' '}
          {one.peers === 1 ? '1 other has' : `${one.peers} others have`} the role.
        </Text>
      )}
      <Textarea
        label="Note"
        description="It stands in the result"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
      />
      <Text size="sm">
        What is removed is gone at the next read: a key ends, a person loses the role and with the last one the way in.
        A decision cannot be changed.
      </Text>
    </Dialog>
  );
}

/** The signed result, checked by this browser before it is handed out. */
function Result({ id }: { id: string }) {
  const take = useMutation({ mutationFn: () => provenReview(id) });
  return (
    <Card withBorder component="section" aria-label="result">
      <Group justify="space-between">
        <Text size="sm">It is signed off. Its result can be exported, with the proof that the log has it.</Text>
        <Button variant="default" loading={take.isPending} onClick={() => take.mutate()}>
          Export the result
        </Button>
      </Group>
      {take.isError && <Problem error={take.error} />}
      {take.data !== undefined && (
        <Alert mt="sm" color="teal" icon={<IconCheck aria-hidden />} title="The log has this result" role="status">
          <Text size="sm" className="wrap">
            Entry {take.data.index} has its SHA-256 <Code>{take.data.hash}</Code>, and the signature of{' '}
            {take.data.origin} over the log holds.
          </Text>
          <Anchor size="sm" href={take.data.href} download={`review-${id}.json`}>
            Download it
          </Anchor>
        </Alert>
      )}
    </Card>
  );
}
