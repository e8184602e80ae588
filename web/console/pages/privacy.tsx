/** What customers ask for, the next deadline first. */
import { Badge, Button, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { PrivacyRequest } from '@strongroom/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { Day, When } from '../when.tsx';
import { Answer } from './privacy-answer.tsx';
import { ASKS, OUTCOMES } from './privacy-asks.ts';
import { SendAgain } from './privacy-copy-code.tsx';
import { Answered, TakeIn } from './privacy-noted.tsx';
import { isShown, proofSays } from './privacy-proof.tsx';
import { useTraining } from '../training-due.tsx';
import { RestrictedCustomers } from './privacy-restrictions.tsx';
import { CustomerNamed } from './traffic-customer.tsx';

const DAY_MS = 86_400_000;
const MAILS: Readonly<Record<string, string>> = { queued: 'mail waits', held: 'mail held: no server', refused: 'mail refused', 'given-up': 'mail given up' }; // prettier-ignore

function StateOf({ one }: { one: PrivacyRequest }) {
  const days = Math.floor((new Date(one.dueAt).getTime() - Date.now()) / DAY_MS);
  const near = one.closedAt === null && !one.paused && !one.overdue && days <= 7;
  const says =
    one.mail !== null && one.mail !== 'sent' && one.closedAt !== null
      ? (MAILS[one.mail] ?? one.mail)
      : one.overdue && !one.paused
        ? 'overdue'
        : one.firstEyes !== null
          ? 'one of two agreed'
          : one.state === 'waiting'
            ? 'waits for the customer'
            : (OUTCOMES[one.state]?.[0] ?? one.state);
  const late = (one.overdue && !one.paused) || one.mail === 'refused' || one.mail === 'given-up';
  const waits = one.firstEyes !== null || (one.mail !== null && one.mail !== 'sent');
  const colour = late ? 'red' : waits ? 'orange' : (OUTCOMES[one.state]?.[1] ?? 'blue');
  return (
    <Group gap={4}>
      <Badge variant="light" color={colour}>
        {says}
      </Badge>
      {near && (
        <Badge variant="light" color={days <= 2 ? 'red' : 'orange'}>
          {days <= 0 ? 'due within a day' : `due in ${days} ${days === 1 ? 'day' : 'days'}`}
        </Badge>
      )}
    </Group>
  );
}

const ENDS = { open: 'Due', closed: 'Answered' } as const;

/** @param under what the head of its column says already; null: it stands alone */
function Due({ one, under }: { one: PrivacyRequest; under: keyof typeof ENDS | null }) {
  if (one.closedAt === null && one.paused) return <Text size="sm">The clock stands still</Text>;
  const is = one.closedAt === null ? 'open' : 'closed';
  return (
    <Text size="sm">
      {is === under ? '' : `${ENDS[is]} `}
      {one.closedAt === null ? <Day at={one.dueAt} /> : <When at={one.closedAt} />}
    </Text>
  );
}

/** What there is to do with one. */
function Does({ one, onOpen }: { one: PrivacyRequest; onOpen: () => void }) {
  const does = one.closedAt === null ? 'Answer' : 'Read';
  return (
    <Group gap={4}>
      {one.closedAt !== null && one.mail !== null && one.mail !== 'sent' && <SendAgain request={one} />}
      <Button size="compact-sm" variant="default" aria-label={`${does}: ${ASKS[one.kind]}`} onClick={onOpen}>
        {does}
      </Button>
    </Group>
  );
}

export function PrivacyRequestsPage() {
  const who = useWhoAmI();
  const [which, setWhich] = useState<'open' | 'closed'>('open');
  const requests = useInfiniteQuery({
    queryKey: ['privacy-requests', which],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => room.privacyRequests.list(which, pageParam === undefined ? {} : { cursor: pageParam }),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const found = requests.data?.pages.flatMap((page) => page.requests);
  const [opened, setOpened] = useState<PrivacyRequest | null>(null);
  const [takesIn, setTakesIn] = useState(false);
  const mayDecide = who.data?.actions.includes('rights.decide') === true;
  const training = useTraining().data;
  // whom an exercise alone lets in has its requests to look at, and nothing else of customers
  const practises = training !== undefined && training.exercise !== null && training.effect === 'denied';
  // what there is to do is seen without scrolling sideways
  const isPhone = useMediaQuery('(max-width: 48em)');
  return (
    <Stack>
      <Title order={1} size="h2">
        Customers’ requests
      </Title>
      <Text size="sm">
        Whoever signs in to the privacy center has copies and access there at once. Other requests wait for people: the
        next deadline first, then answers whose mail has not left. An erasure takes two people, an appeal is decided by
        somebody other than whoever declined, and nothing goes out before it is sure enough who asks.
      </Text>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="which requests"
          data={[
            { value: 'open', label: 'Waiting' },
            { value: 'closed', label: 'Answered' },
          ]}
          value={which}
          onChange={(value) => setWhich(value === 'closed' ? 'closed' : 'open')}
        />
        {mayDecide && !practises && (
          <Button variant="default" onClick={() => setTakesIn(true)}>
            Note a request
          </Button>
        )}
      </Group>
      {requests.isPending && <Fetching what="requests" />}
      {requests.isError && <Problem error={requests.error} />}
      {found?.length === 0 && which === 'open' && (
        <Empty title="Nobody waits for an answer">Customers ask in the privacy center, at /center/.</Empty>
      )}
      {found?.length === 0 && which === 'closed' && (
        <Empty title="Nothing was answered yet">What was answered stands here, the newest first.</Empty>
      )}
      {found !== undefined && found.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="requests of customers" minWidth={280}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Asks for</Table.Th>
                  {!isPhone && (
                    <>
                      <Table.Th>State</Table.Th>
                      <Table.Th>{ENDS[which]}</Table.Th>
                    </>
                  )}
                  <Table.Th>Do</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Th scope="row" fw={500}>
                      {ASKS[one.kind]}
                      {one.entry !== null && ` (entry ${one.entry})`}
                      <CustomerNamed id={one.subject} />
                      {one.closedAt === null && (one.proof.asker !== 'subject' || !isShown(one.proof)) && (
                        <Text size="xs">{proofSays(one.proof)}</Text>
                      )}
                      {isPhone && (
                        <Stack gap={4} mt={4}>
                          <StateOf one={one} />
                          <Due one={one} under={null} />
                        </Stack>
                      )}
                    </Table.Th>
                    {!isPhone && (
                      <>
                        <Table.Td>
                          <StateOf one={one} />
                        </Table.Td>
                        <Table.Td>
                          <Due one={one} under={which} />
                        </Table.Td>
                      </>
                    )}
                    <Table.Td>{mayDecide && <Does one={one} onOpen={() => setOpened(one)} />}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
          {requests.hasNextPage && (
            <Button
              variant="subtle"
              loading={requests.isFetchingNextPage}
              onClick={() => void requests.fetchNextPage()}
            >
              Show more
            </Button>
          )}
        </Card>
      )}
      {!practises && <RestrictedCustomers mayDecide={mayDecide} />}
      {opened !== null && opened.closedAt === null && <Answer request={opened} onClose={() => setOpened(null)} />}
      {opened !== null && opened.closedAt !== null && <Answered request={opened} onClose={() => setOpened(null)} />}
      {takesIn && <TakeIn onClose={() => setTakesIn(false)} />}
    </Stack>
  );
}
