/** Tests by people from outside: those there were, and proposing one. */
import {
  Anchor,
  Card,
  Button,
  Group,
  NumberInput,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';

import { textOf } from '../../ui/form.ts';
import { Listed } from '../../ui/listed.tsx';
import { instantOf } from '../../ui/local-time.ts';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { EngagementState } from './assurance-parts.tsx';
import { Refused } from './step-up.tsx';

export function AssuranceEngagementsPage() {
  const mayArm = useWhoAmI().data?.actions.includes('assurance.arm') === true;
  const found = useQuery({ queryKey: ['assurance', 'engagements'], queryFn: ({ signal }) => room.assurance.engagements({ signal }) }); // prettier-ignore
  if (found.isPending) return <Fetching what="tests by others" />;
  if (found.isError) return <Problem error={found.error} />;
  return (
    <Stack>
      <Title order={1} size="h2">
        Tests by others
      </Title>
      <Text size="sm">
        People from outside try this system while two people let them. Their keys read persons who are made up, from
        their own networks alone, and end with the test. What is noticed of them stays an alarm.
      </Text>
      {found.data.engagements.length === 0 ? (
        <Card withBorder>
          <Empty title="Nobody from outside has tested this">One person proposes a test, somebody else approves it.</Empty>
        </Card>
      ) : (
        <Listed title="The newest first" head={['Test', 'State', 'By', 'From', 'Until', 'Keys']} minWidth={760} stacks>
          {found.data.engagements.map(({ id, title, state, tester, startsAt, until, keys }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" fw={500} className="wrap">
                <Anchor component={Link} to={`/assurance/engagements/${id}`} size="sm">
                  {title}
                </Anchor>
              </Table.Th>
              <Table.Td>
                <EngagementState of={state} />
              </Table.Td>
              <Table.Td className="wrap">{tester}</Table.Td>
              <Table.Td>
                <When at={startsAt} />
              </Table.Td>
              <Table.Td>
                <When at={until} />
              </Table.Td>
              <Table.Td>{keys}</Table.Td>
            </Table.Tr>
          ))}
        </Listed>
      )}
      {mayArm && <Propose />}
    </Stack>
  ); // prettier-ignore
}

function Propose() {
  const queries = useQueryClient();
  const [days, setDays] = useState<number | string>(14);
  /** Counted up, it makes the form anew. */
  const [sent, setSent] = useState(0);
  const propose = useMutation({
    mutationFn: (form: FormData) => {
      const starts = textOf(form, 'startsAt');
      return room.assurance.proposeEngagement({
        title: textOf(form, 'title'),
        tester: textOf(form, 'tester'),
        scope: textOf(form, 'scope'),
        rules: textOf(form, 'rules'),
        sources: textOf(form, 'sources')
          .split(/[\s,]+/)
          .filter((each) => each !== ''),
        startsAt: starts === '' ? new Date().toISOString() : instantOf(starts),
        days: Number(days),
      });
    },
    onSuccess: () => {
      setSent(sent + 1);
      return queries.invalidateQueries({ queryKey: ['assurance'] });
    },
  });
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    propose.mutate(new FormData(event.currentTarget));
  };
  return (
    <Card withBorder>
      <form key={sent} onSubmit={send}>
        <Stack>
          <Title order={2} size="h4">
            Propose one
          </Title>
          <TextInput name="title" label="Title" required maxLength={200} />
          <TextInput name="tester" label="Who tests" description="a firm, or people" required maxLength={200} />
          <Textarea name="scope" label="What they may try" required maxLength={4000} autosize minRows={2} />
          <Textarea name="rules" label="By which rules" required maxLength={4000} autosize minRows={2} />
          <Textarea
            name="sources"
            label="From which networks"
            description="one a line, as 192.0.2.0/28: their keys open from there alone"
            required
            autosize
            minRows={1}
          />
          <Group align="flex-end">
            <TextInput name="startsAt" type="datetime-local" label="Begins" description="empty: now" />
            <NumberInput label="Days" min={1} max={90} value={days} onChange={setDays} />
          </Group>
          {propose.isError && <Refused error={propose.error} again={() => propose.reset()} />}
          <Group justify="flex-end">
            <Button type="submit" loading={propose.isPending}>
              Propose
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
