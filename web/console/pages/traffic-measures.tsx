/** Who is held back now, for how long yet, and why. */
import { Badge, Button, Card, Table, Text } from '@mantine/core';
import type { Measure } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';
import { left, Who } from './traffic-parts.tsx';

/** @param target only those against this one; null: all */
export function Measures({ target = null }: { target?: string | null }) {
  const who = useWhoAmI();
  const found = useQuery({
    queryKey: ['traffic', 'measures'],
    queryFn: ({ signal }) => room.traffic.measures({ signal }),
    refetchInterval: 10_000,
  });
  if (found.isPending) return <Fetching what="measures" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const measures = found.data.measures.filter((each) => target === null || each.target === target);
  if (measures.length === 0)
    return (
      <Card withBorder>
        <Empty title={target === null ? 'Nobody is held back' : 'Not held back'}>
          {target === null
            ? 'A case offers what fits whom it is about: begin there. Here you can slow down or block by hand.'
            : 'Hold back slows down this one alone, until an end that you choose.'}
        </Empty>
      </Card>
    );
  return (
    <Listed title="Held back now" head={['Whom', 'How', 'Time left', 'Why', 'Since', 'Let go']} minWidth={760} stacks>
      {measures.map((measure) => (
        <Row key={measure.id} measure={measure} mayEnd={who.data?.actions.includes('measures.take') === true} />
      ))}
    </Listed>
  );
}

function Row({ measure, mayEnd }: { measure: Measure; mayEnd: boolean }) {
  const [queries, nameOf] = [useQueryClient(), useDoers()];
  const end = useMutation({
    mutationFn: () => room.traffic.endMeasure(measure.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['traffic', 'measures'] }),
  });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500} className="wrap">
        <Who id={measure.target} />
      </Table.Th>
      <Table.Td>
        <Badge variant="light" color={measure.kind === 'throttle' ? 'orange' : 'red'}>
          {measure.kind === 'throttle' ? 'slowed down' : 'refused'}
        </Badge>
      </Table.Td>
      <Table.Td>{left(measure.until)}</Table.Td>
      <Table.Td className="wrap">
        {measure.reason}
        {measure.case !== null && (
          <Text component={Link} to={`/traffic/cases/${measure.case}`} size="xs" display="block" td="underline">
            its case
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <When at={measure.madeAt} />
        <Text size="xs" c="dimmed" className="wrap">
          by {nameOf(measure.by)}
        </Text>
      </Table.Td>
      <Table.Td>
        {mayEnd && (
          <Button
            size="compact-sm"
            variant="light"
            loading={end.isPending}
            aria-label={`Let go: ${measure.target}`}
            onClick={() => end.mutate()}
          >
            Let go
          </Button>
        )}
        {end.isError && <Refused error={end.error} again={() => end.mutate()} />}
      </Table.Td>
    </Table.Tr>
  );
}
