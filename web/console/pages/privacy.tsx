/** What customers ask for, the next deadline first. */
import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { PrivacyRequest } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Answer, ASKS, SendAgain } from './privacy-answer.tsx';
import { isShown, proofSays } from './privacy-proof.tsx';
import { useTraining } from '../training-due.tsx';
import { RestrictedCustomers } from './privacy-restrictions.tsx';

const DAY_MS = 86_400_000;
const MAILS: Readonly<Record<string, string>> = { queued: 'mail waits', held: 'mail held: no server', refused: 'mail refused', 'given-up': 'mail given up' }; // prettier-ignore

function StateOf({ one }: { one: PrivacyRequest }) {
  const days = Math.floor((new Date(one.dueAt).getTime() - Date.now()) / DAY_MS);
  const near = one.closedAt === null && !one.paused && !one.overdue && days <= 7;
  const says =
    one.mail !== null && one.closedAt !== null
      ? (MAILS[one.mail] ?? one.mail)
      : one.overdue && !one.paused
        ? 'overdue'
        : one.firstEyes !== null
          ? 'one of two agreed'
          : one.state === 'waiting'
            ? 'waits for the customer'
            : one.state;
  const late = (one.overdue && !one.paused) || one.mail === 'refused' || one.mail === 'given-up';
  return (
    <Group gap={4}>
      <Badge variant="light" color={late ? 'red' : one.firstEyes === null && one.mail === null ? 'blue' : 'orange'}>
        {says}
      </Badge>
      {near && (
        <Badge variant="light" color={days <= 2 ? 'red' : 'orange'}>
          {days <= 0 ? 'due today' : `due in ${days} ${days === 1 ? 'day' : 'days'}`}
        </Badge>
      )}
    </Group>
  );
}

function Due({ one }: { one: PrivacyRequest }) {
  if (one.closedAt !== null) return <Text size="sm">answered</Text>;
  return one.paused ? <Text size="sm">the clock stands still</Text> : <When at={one.dueAt} />;
}

export function PrivacyRequestsPage() {
  const who = useWhoAmI();
  const requests = useQuery({ queryKey: ['privacy-requests'], queryFn: () => room.privacyRequests.list() });
  const [deciding, setDeciding] = useState<PrivacyRequest | null>(null);
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
        Copies and access are answered by the privacy center at once, to who signs in there. These wait for people, the
        next deadline first, and with them answers whose mail has not left. An erasure takes two people, an appeal
        another one than who declined, and nothing goes out before it is sure enough who asks.
      </Text>
      {requests.isPending && <Fetching what="requests" />}
      {requests.isError && <Problem error={requests.error} />}
      {requests.data?.requests.length === 0 && (
        <Empty title="Nobody waits for an answer">Customers ask in the privacy center, at /center/.</Empty>
      )}
      {requests.data !== undefined && requests.data.requests.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="requests of customers" minWidth={280}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Asks for</Table.Th>
                  {!isPhone && (
                    <>
                      <Table.Th>State</Table.Th>
                      <Table.Th>Due</Table.Th>
                    </>
                  )}
                  <Table.Th>Answer</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {requests.data.requests.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Th scope="row" fw={500}>
                      {ASKS[one.kind]}
                      {one.entry !== null && ` (entry ${one.entry})`}
                      {one.closedAt === null && (one.proof.asker !== 'subject' || !isShown(one.proof)) && (
                        <Text size="xs">{proofSays(one.proof)}</Text>
                      )}
                      {isPhone && (
                        <Stack gap={4} mt={4}>
                          <StateOf one={one} />
                          <Due one={one} />
                        </Stack>
                      )}
                    </Table.Th>
                    {!isPhone && (
                      <>
                        <Table.Td>
                          <StateOf one={one} />
                        </Table.Td>
                        <Table.Td>
                          <Due one={one} />
                        </Table.Td>
                      </>
                    )}
                    <Table.Td>
                      {mayDecide && one.closedAt !== null && <SendAgain request={one} />}
                      {mayDecide && one.closedAt === null && (
                        <Button
                          size="compact-sm"
                          variant="default"
                          aria-label={`Answer: ${ASKS[one.kind]}`}
                          onClick={() => setDeciding(one)}
                        >
                          Answer
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {!practises && <RestrictedCustomers mayDecide={mayDecide} />}
      {deciding !== null && <Answer request={deciding} onClose={() => setDeciding(null)} />}
    </Stack>
  );
}
