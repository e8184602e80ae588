/** What customers ask for, the next deadline first. */
import {
  Badge,
  Blockquote,
  Button,
  Card,
  Group,
  Modal,
  Select,
  Stack,
  Table,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import type { PrivacyDecision, PrivacyRequest } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { ShownOnce } from '../../ui/shown-once.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { CorrectionTable, placeOf } from './privacy-correction.tsx';
import { RESTRICTION_REASONS, RestrictedCustomers } from './privacy-restrictions.tsx';
import { Refused } from './step-up.tsx';

const ASKS: Readonly<Record<PrivacyRequest['kind'], string>> = {
  access: 'everything that is held', copy: 'a copy', correction: 'a correction', erasure: 'erasure', restriction: 'restriction',
  objection: 'objection', review: 'a person’s look at a decision', doubt: 'doubts a look at their data',
}; // prettier-ignore

export function PrivacyRequestsPage() {
  const who = useWhoAmI();
  const requests = useQuery({ queryKey: ['privacy-requests'], queryFn: () => room.privacyRequests.list() });
  const [deciding, setDeciding] = useState<PrivacyRequest | null>(null);
  const mayDecide = who.data?.actions.includes('rights.decide') === true;
  return (
    <Stack>
      <Title order={1} size="h2">
        Customers’ requests
      </Title>
      <Text size="sm">
        Copies and access are answered by the privacy center at once, to who signs in there. These wait for people, the
        next deadline first. An erasure takes two of them.
      </Text>
      {requests.isPending && <Fetching what="requests" />}
      {requests.isError && <Problem error={requests.error} />}
      {requests.data?.requests.length === 0 && (
        <Empty title="Nobody waits for an answer">Customers ask in the privacy center, at /center/.</Empty>
      )}
      {requests.data !== undefined && requests.data.requests.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="requests of customers" minWidth={680}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Asks for</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Due</Table.Th>
                  <Table.Th>Answer</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {requests.data.requests.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Th scope="row" fw={500}>
                      {ASKS[one.kind]}
                      {one.entry !== null && ` (entry ${one.entry})`}
                    </Table.Th>
                    <Table.Td>
                      <Badge variant="light" color={one.overdue ? 'red' : one.firstEyes === null ? 'blue' : 'orange'}>
                        {one.overdue ? 'overdue' : one.firstEyes === null ? one.state : 'one of two agreed'}
                      </Badge>
                    </Table.Td>
                    <Table.Td>
                      <When at={one.dueAt} />
                    </Table.Td>
                    <Table.Td>
                      {mayDecide && (
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
      <RestrictedCustomers mayDecide={mayDecide} />
      {deciding !== null && <Answer request={deciding} onClose={() => setDeciding(null)} />}
    </Stack>
  );
}

const DECISIONS = [
  { value: 'fulfil', label: 'Do it' },
  { value: 'partly', label: 'Do it in part' },
  { value: 'refuse', label: 'Decline' },
  { value: 'extend', label: 'It takes longer' },
] as const;

function Answer({ request, onClose }: { request: PrivacyRequest; onClose: () => void }) {
  const queries = useQueryClient();
  const [decision, setDecision] = useState<PrivacyDecision['decision'] | null>(null);
  const [answer, setAnswer] = useState('');
  const [way, setWay] = useState<NonNullable<PrivacyDecision['send']>>('link');
  const [because, setBecause] = useState<PrivacyDecision['because'] | null>(null);
  const [show, setShow] = useState<'masked' | 'clear'>('masked');
  const [agreed, setAgreed] = useState<readonly string[] | null>(null);
  // what they wrote is read by who answers them, and that is in the log
  const found = useQuery({
    queryKey: ['privacy-request', request.id, show],
    queryFn: () => room.privacyRequests.get(request.id, { show }),
    placeholderData: (before) => before,
    staleTime: Infinity,
  });
  const decide = useMutation({
    mutationFn: () =>
      room.privacyRequests.decide(request.id, {
        decision: carried as PrivacyDecision['decision'],
        answer,
        ...(typeof found.data?.seen === 'string' ? { seen: found.data.seen } : {}),
        ...(carried === 'partly' && beside !== null ? { fields: ticked.map(placeOf) } : {}),
        ...(sendsLink ? { send: way } : {}),
        ...(restricts ? { because: because as NonNullable<PrivacyDecision['because']> } : {}),
      }),
    // what was decided on is not there any more: it is read again, and decided again
    onError: () => queries.invalidateQueries({ queryKey: ['privacy-request', request.id] }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['privacy-requests'] });
      await queries.invalidateQueries({ queryKey: ['restrictions'] });
      // the code of a copy's link is shown this once
      if (made.link === undefined) onClose();
    },
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    decide.mutate();
  };
  const beside = found.data?.beside ?? null;
  const picked = agreed ?? (beside ?? []).map(placeOf);
  const ticked = (beside ?? []).filter((each) => picked.includes(placeOf(each)));
  // what is ticked is what is done, whatever was chosen before or after
  const carried =
    beside === null || (decision !== 'fulfil' && decision !== 'partly')
      ? decision
      : ticked.length === beside.length
        ? 'fulfil'
        : ticked.length === 0
          ? 'refuse'
          : 'partly';
  const sendsLink = (request.kind === 'copy' || request.kind === 'access') && decision === 'fulfil';
  const restricts = request.kind === 'restriction' && decision === 'fulfil';
  const erases = request.kind === 'erasure' && (decision === 'fulfil' || decision === 'partly');
  if (decide.data?.link !== undefined)
    return (
      <Modal
        opened
        onClose={onClose}
        title="A link is on its way by mail"
        centered
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
      >
        <Stack>
          <ShownOnce
            title="Its code"
            says="The link works once, and asks for this code. Tell it by letter or telephone, never by mail: it is not shown again."
            secret={decide.data.link.code}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>I have noted it</Button>
          </Group>
        </Stack>
      </Modal>
    );
  return (
    <Modal opened onClose={onClose} title={`Answer: ${ASKS[request.kind]}`} centered>
      <form onSubmit={send}>
        <Stack>
          {found.isPending && <Fetching what="their words" />}
          {found.isError && <Problem error={found.error} />}
          {typeof found.data?.words === 'string' && <Blockquote p="sm">{found.data.words}</Blockquote>}
          {beside !== null && (
            <CorrectionTable
              beside={beside}
              agreed={picked}
              onAgreed={(now) => {
                setAgreed(now);
                setDecision('fulfil');
              }}
              onShow={show === 'clear' ? null : () => setShow('clear')}
              showing={found.isFetching}
            />
          )}
          <Select
            label="Decision"
            data={[...DECISIONS]}
            value={carried}
            onChange={setDecision}
            required
            openOnFocus={false}
            data-autofocus
          />
          <Textarea
            label="What the customer reads"
            description="Reasons too, where it is declined or takes longer"
            minRows={3}
            autosize
            maxLength={4000}
            required
            value={answer}
            onChange={(event) => setAnswer(event.currentTarget.value)}
          />
          {sendsLink && (
            <Select
              label="The copy goes"
              data={[
                { value: 'link', label: 'By a link in a mail, which works once' },
                { value: 'nothing', label: 'Another way; it is with them already' },
              ]}
              value={way}
              onChange={(value) => setWay(value === 'nothing' ? 'nothing' : 'link')}
              openOnFocus={false}
              allowDeselect={false}
            />
          )}
          {restricts && (
            <Select
              label="Because"
              description="From now on their data is kept, and read for legal claims only, until it is lifted"
              data={RESTRICTION_REASONS}
              value={because ?? null}
              onChange={(value) => setBecause(value as PrivacyDecision['because'])}
              required
              openOnFocus={false}
            />
          )}
          {erases && (
            <Text size="sm">
              {request.firstEyes === null
                ? 'You are the first of two: nothing is erased until another person agrees.'
                : 'You are the second: the keys of this customer are destroyed at once, and nobody can bring them back.'}
            </Text>
          )}
          {decide.isError && <Refused error={decide.error} again={() => decide.mutate()} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              {...(erases && request.firstEyes !== null ? { color: 'red' } : {})}
              loading={decide.isPending}
              disabled={decision === null || answer.trim() === '' || (restricts && because === null)}
            >
              Answer
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
