/** Who was concerned, a page at a time: each look is an entry of the log, and the log proves what is said of them. */
import { Badge, Button, Group, Table, Text } from '@mantine/core';
import type { ScopeSubjects } from '@strongroom/sdk';
import { verifyProof } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { published } from '../published.ts';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Customer } from './traffic-customer.tsx';

type Subject = ScopeSubjects['subjects'][number];
const MOST = 25;

export function Concerned({ incident, scope }: { incident: string; scope: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const mayRead = useWhoAmI().data?.actions.includes('records.read') === true;
  const found = useQuery({
    queryKey: ['incidents', 'subjects', scope, after],
    queryFn: () => room.incidents.subjects(incident, scope, { limit: MOST, ...(after === null ? {} : { after }) }),
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (found.isPending) return <Fetching what="who was concerned" />;
  if (found.isError) return <Problem error={found.error} />;
  const { subjects, next } = found.data;
  return (
    <>
      {!mayRead && (
        <Text size="sm" c="dimmed">
          Your role does not read customers: these are their ids.
        </Text>
      )}
      <Wide label="who was concerned" minWidth={780} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Customer</Table.Th>
              <Table.Th>What left</Table.Th>
              <Table.Th>For</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th>Entries</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {subjects.map((each) => (
              <Row key={each.pseudonym} of={each} incident={incident} scope={scope} mayRead={mayRead} />
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {(after !== null || next !== null) && (
        <Group gap="xs">
          <Button size="compact-sm" variant="default" disabled={after === null} onClick={() => setAfter(null)}>
            From the beginning
          </Button>
          <Button size="compact-sm" variant="default" disabled={next === null} onClick={() => setAfter(next)}>
            More
          </Button>
        </Group>
      )}
    </>
  );
}

/** As letters to them say it. */
const inWords = (fields: readonly string[]): string => fields.join(', ').replaceAll('_', ' ');

function Row({ of, incident, scope, mayRead }: { of: Subject; incident: string; scope: string; mayRead: boolean }) {
  const { subject, clear, masked, classes, purposes, firstAt, lastAt, entries } = of;
  const purposeOf = usePurposes();
  const said = clear.length + masked.length === 0 ? classes.clear : [];
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        {subject === null ? (
          'erased since'
        ) : mayRead ? (
          <Customer id={subject} />
        ) : (
          <Text size="sm" className="mono" style={{ whiteSpace: 'nowrap' }}>
            {subject}
          </Text>
        )}
      </Table.Th>
      <Table.Td className="wrap" miw={180}>
        {inWords([...clear, ...said])}
        {masked.length > 0 && <Text size="xs">masked: {inWords(masked)}</Text>}
        <Group gap={4}>
          {classes.clear.map((each) => (
            <Badge key={each} size="xs" variant="light" color={each === 'special' ? 'red' : each === 'sensitive' ? 'orange' : 'teal'}>
              {each}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td className="wrap">{purposes.map(purposeOf).join(', ')}</Table.Td>
      <Table.Td>
        <When at={firstAt} />
        {lastAt !== firstAt && (
          <>
            <br />
            <When at={lastAt} />
          </>
        )}
      </Table.Td>
      <Table.Td>
        {entries.length}
        <Prove incident={incident} scope={scope} entry={entries[0]} />
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore

/** That the log has it, worked out here: what the server says need not be believed. */
function Prove({ incident, scope, entry }: { incident: string; scope: string; entry: number | undefined }) {
  const prove = useMutation({
    mutationFn: async () => {
      const { proof } = await published(() => room.incidents.proof(incident, scope, entry ?? 0));
      return verifyProof(proof, await room.audit.key(), entry);
    },
  });
  if (entry === undefined) return null;
  return (
    <div aria-live="polite">
      {prove.data === undefined ? (
        <Button size="compact-xs" variant="subtle" px={0} loading={prove.isPending} onClick={() => prove.mutate()}>
          Prove {entry}
        </Button>
      ) : (
        <Text size="xs" c="teal">
          entry {prove.data.index} is in the log
        </Text>
      )}
      {prove.isError && <Problem error={prove.error} />}
    </div>
  );
}
