/** Counts with noise: what each recipient has spent of its budget, what was answered, and a question to ask. */
import {
  Button,
  Card,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import type { CountAnswer, Counts as AllCounts, ExportProfile } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Plot } from '../../ui/plot.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { useFieldTitles } from '../field-titles.ts';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { useExportedTitles, useProfiles } from './exports-words.ts';
import { Refused } from './step-up.tsx';

type Budget = AllCounts['budgets'][number];
type Answer = AllCounts['answers'][number];
const SHOWN = 10;

export function Counts() {
  const purposeOf = usePurposes();
  const found = useQuery({ queryKey: ['exports', 'counts'], queryFn: () => room.exports.counts() });
  const mayAsk = useWhoAmI().data?.actions.includes('exports.run') === true;
  return (
    <Card withBorder padding="xs" component="section" aria-label="counts with noise">
      <Title order={2} size="h4" p="xs">
        Counts with noise
      </Title>
      {found.isPending && <Fetching what="counts" />}
      {found.isError && <Problem error={found.error} />}
      {found.data?.budgets.length === 0 && (
        <Empty title="No profile of counts is approved yet">
          One is proposed above: it says into which groups people may be counted, and how much its recipient may learn
          in all. Once somebody else has approved it, people are counted here.
        </Empty>
      )}
      {found.data?.budgets.map((budget) => (
        <Stack key={budget.profile} p="xs" gap="xs">
          <Title order={3} size="h5">
            {budget.recipient} has spent ε {budget.spentMilli / 1000} of {budget.budgetMilli / 1000} for{' '}
            {purposeOf(budget.purpose)}
          </Title>
          <Text size="xs" c="dimmed">
            Each answer costs some of ε; once the budget is spent, nothing new is answered. The line is what was spent
            in ε, the dashed one is the budget.
          </Text>
          <Spending
            budget={budget}
            answers={found.data.answers.filter(
              ({ recipient, purpose }) => recipient === budget.recipient && purpose === budget.purpose,
            )}
          />
        </Stack>
      ))}
      {mayAsk && found.data !== undefined && found.data.budgets.length > 0 && <Ask />}
      {found.data !== undefined && found.data.answers.length > 0 && <Answers answers={found.data.answers} />}
    </Card>
  );
}

function Spending({ budget: { profile, budgetMilli }, answers }: { budget: Budget; answers: readonly Answer[] }) {
  if (answers.length === 0) return <Text size="sm">Nothing was asked yet.</Text>;
  const oldestFirst = answers.toReversed();
  const times = oldestFirst.map(({ at }) => Date.parse(at) / 1000);
  // up to now: what will be spent nobody knows; clocks of server and browser may differ
  const [first, last] = [(times[0] as number) - 3600, Math.max((times.at(-1) as number) + 60, Date.now() / 1000)];
  return (
    <Plot
      label={`what ${profile} spent, answer by answer`}
      height={170}
      drawn={JSON.stringify([times, budgetMilli])}
      head={['When', 'Cost', 'Spent']}
      rows={oldestFirst.map(({ at, epsilonMilli, spentMilli }) => [
        at,
        `ε ${epsilonMilli / 1000}`,
        `ε ${spentMilli / 1000}`,
      ])}
      draw={({ ink, rule, blue, red }) => {
        const look = { stroke: ink, grid: { stroke: rule }, ticks: { stroke: rule } };
        const spent = oldestFirst.map(({ spentMilli }) => spentMilli / 1000);
        // one second before an answer what was spent is what it was: a stair, not a slope
        const x = [first, ...times.flatMap((at) => [at - 1, at]), last];
        return {
          scales: { x: { time: true }, y: { range: () => [0, (budgetMilli / 1000) * 1.1] } },
          axes: [look, { ...look, label: 'ε spent', labelSize: 20 }],
          series: [
            {},
            { stroke: blue, width: 2, points: { show: false } },
            { stroke: red, width: 2, dash: [6, 4], points: { show: false } },
          ],
          data: [
            x,
            [0, ...spent.flatMap((now, n) => [n === 0 ? 0 : (spent[n - 1] as number), now]), spent.at(-1)],
            x.map(() => budgetMilli / 1000),
          ],
        };
      }}
    />
  );
}

function Ask() {
  const queries = useQueryClient();
  const profiles = useProfiles();
  const { fieldOf } = useFieldTitles();
  const usable =
    profiles.data?.profiles.filter(({ state, profile }) => state === 'approved' && profile.kind === 'counts') ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [by, setBy] = useState<string[]>([]);
  const [cost, setCost] = useState<string | number>(0.1);
  const [round, setRound] = useState('');
  const one = usable.find(({ id }) => id === (chosen ?? usable[0]?.id));
  const profile = one?.profile as Extract<ExportProfile, { kind: 'counts' }> | undefined;
  const ask = useMutation({
    mutationFn: () =>
      room.exports.count(one?.id ?? '', {
        by,
        epsilonMilli: Math.round(Number(cost) * 1000),
        ...(round === '' ? {} : { round }),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['exports', 'counts'] }),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    ask.mutate();
  };
  if (profile === undefined) return null;
  return (
    <form onSubmit={send} aria-label="ask for a count">
      <Stack p="xs" gap="xs">
        <Group align="end">
          <Select
            label="Profile"
            data={usable.map(({ id, profile: { name } }) => ({ value: id, label: name }))}
            value={one?.id ?? null}
            onChange={(value) => {
              setChosen(value);
              setBy([]);
            }}
            allowDeselect={false}
          />
          <NumberInput
            label="Cost (ε)"
            description="More is more exact"
            min={0.001}
            max={profile.maxEpsilonMilli / 1000}
            step={0.01}
            decimalScale={3}
            value={cost}
            onChange={setCost}
            w={220}
          />
          <TextInput
            label="Ask again under a name"
            description="Such as 2026-11; empty: the answer of before"
            value={round}
            onChange={({ currentTarget: { value } }) => setRound(value)}
            w={220}
          />
          <Button type="submit" loading={ask.isPending}>
            Count
          </Button>
        </Group>
        <Checkbox.Group label="By" value={by} onChange={setBy}>
          <Group mt={4}>
            {Object.keys(profile.dimensions).map((field) => (
              <Checkbox key={field} value={field} label={fieldOf(profile.collection, field)} />
            ))}
          </Group>
        </Checkbox.Group>
        {ask.isError && <Refused error={ask.error} again={() => ask.mutate()} />}
        {ask.data !== undefined && <Told answer={ask.data} />}
      </Stack>
    </form>
  );
}

function Told({ answer: { recipient, purpose, by, cells, epsilonMilli, repeated } }: { answer: CountAnswer }) {
  const titleOf = useExportedTitles();
  return (
    <Wide label="counted people" minWidth={320} stacks>
      <Table>
        <Table.Caption>
          {repeated ? 'As it was answered before, at no cost' : `Cost: ε ${epsilonMilli / 1000}`}. Half of these counts
          are off by less than {Math.ceil(700 / epsilonMilli)}, and noise can take a small count below zero.
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {by.map((field) => (
              <Table.Th key={field}>{titleOf({ recipient, purpose }, field)}</Table.Th>
            ))}
            <Table.Th ta="right">People</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cells.slice(0, 200).map(({ group, count }) => (
            <Table.Tr key={group.join(' ')}>
              {group.map((label, n) => (
                <Table.Td key={by[n]}>{label ?? 'all others'}</Table.Td>
              ))}
              <Table.Td ta="right">{count}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Answers({ answers }: { answers: readonly Answer[] }) {
  const [purposeOf, titleOf] = [usePurposes(), useExportedTitles()];
  return (
    <Wide label="answers" minWidth={560} stacks>
      <Table>
        <Table.Caption>The newest {SHOWN} answers. To ask the same again costs nothing.</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>To whom</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Cost</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {answers.slice(0, SHOWN).map(({ id, at, recipient, purpose, by, round, epsilonMilli }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" fw={500}>
                <When at={at} />
              </Table.Th>
              <Table.Td>
                {recipient} for {purposeOf(purpose)}
              </Table.Td>
              <Table.Td>
                {by.map((field) => titleOf({ recipient, purpose }, field)).join(', ') || 'nothing'}
                {round !== null && ` (${round})`}
              </Table.Td>
              <Table.Td>ε {epsilonMilli / 1000}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
