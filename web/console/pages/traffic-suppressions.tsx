/** What nobody wants to hear of for a while, and how often it came all the same. */
import { Button, Card, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { counted, Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';
import { Who } from './traffic-parts.tsx';

export function Suppressions({ mayEnd }: { mayEnd: boolean }) {
  const [queries, nameOf] = [useQueryClient(), useDoers()];
  const found = useQuery({
    queryKey: ['traffic', 'suppressions'],
    queryFn: ({ signal }) => room.traffic.suppressions({ signal }),
  });
  const end = useMutation({
    mutationFn: (id: string) => room.traffic.endSuppression(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['traffic', 'suppressions'] }),
  });
  if (found.isPending) return <Fetching what="suppressions" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  if (found.data.suppressions.length === 0)
    return (
      <Card withBorder>
        <Empty title="Everything is heard">
          A case offers Suppress: for a rule, about one or everybody, until a day, with a reason.
        </Empty>
      </Card>
    );
  return (
    <>
      {end.isError && <Refused error={end.error} again={() => end.mutate(end.variables)} />}
      <Listed
        title="Suppressed"
        head={['Rule', 'About', 'Until', 'Came all the same', 'Why', 'End']}
        minWidth={760}
        stacks
      >
        {found.data.suppressions.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Th scope="row" fw={500} className="wrap">
              {one.rule}
            </Table.Th>
            <Table.Td className="wrap">{one.about === null ? 'everybody' : <Who id={one.about} />}</Table.Td>
            <Table.Td>
              <When at={one.until} />
            </Table.Td>
            <Table.Td>{counted(one.hits, 'time')}</Table.Td>
            <Table.Td className="wrap">
              {one.reason}
              <Text size="xs" c="dimmed" className="wrap">
                by {nameOf(one.by)}
              </Text>
            </Table.Td>
            <Table.Td>
              {mayEnd && (
                <Button
                  size="compact-sm"
                  variant="light"
                  aria-label={`Hear it again: ${one.rule}`}
                  loading={end.isPending && end.variables === one.id}
                  onClick={() => end.mutate(one.id)}
                >
                  Hear it again
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Listed>
    </>
  );
}
