/** How a scan differs from the catalogue, and what a person decides about each difference: who and why stays with it. */
import { Badge, Button, Card, Table, Text, Textarea, TextInput, Title } from '@mantine/core';
import type { DriftDecision, KeptScan } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';

type Drift = KeptScan['drifts'][number];
const SHOWN = 300;
const KINDS: Readonly<Record<Drift['kind'], string>> = {
  undeclared: 'not declared',
  class: 'more sensitive than declared',
  type: 'of another type',
  absent: 'declared, not there',
};
const AGAIN = {
  review: 'open again: its day has come',
  changed: 'open again: something else is there now',
  found: 'open again: a later scan still finds it',
} as const;
const placeOf = ({ column, table, collection, field }: Drift): string =>
  column === null ? `${collection ?? ''}.${field ?? ''}` : `${table}.${column}`;

export function Differences({ kept }: { kept: KeptScan }) {
  const mayDecide = useWhoAmI().data?.actions.includes('scans.decide') === true;
  const [deciding, setDeciding] = useState<Drift | null>(null);
  // what nobody knew of first; what is declared and not there harms nobody
  const rank = ({ state, kind }: Drift): number => (state === 'open' ? 0 : 10) + Object.keys(KINDS).indexOf(kind);
  const sorted = kept.drifts.toSorted((a, b) => rank(a) - rank(b));
  return (
    <Card withBorder padding="xs" component="section" aria-label="differences from the catalogue">
      <Title order={2} size="h4" p="xs">
        Other than the catalogue says
      </Title>
      {sorted.length === 0 ? (
        <Empty title="Nothing differs">Everything that was found is declared, and everything declared is there.</Empty>
      ) : (
        <Wide label="differences" minWidth={680}>
          <Table>
            {sorted.length > SHOWN && (
              <Table.Caption>
                the first {SHOWN} of {sorted.length}
              </Table.Caption>
            )}
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Where</Table.Th>
                <Table.Th>Difference</Table.Th>
                <Table.Th>Found</Table.Th>
                <Table.Th>State</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sorted.slice(0, SHOWN).map((drift) => (
                <Table.Tr key={drift.id}>
                  <Table.Th scope="row" fw={500}>
                    {placeOf(drift)}
                  </Table.Th>
                  <Table.Td>
                    {KINDS[drift.kind]}
                    <Text size="xs" c="dimmed">
                      {drift.says}
                    </Text>
                  </Table.Td>
                  <Table.Td>{drift.type === null ? '–' : `${drift.type}, ${drift.level}`}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={drift.state === 'open' ? 'orange' : 'gray'}>
                      {drift.state}
                    </Badge>
                    {drift.again !== null && <Text size="xs">{AGAIN[drift.again]}</Text>}
                    {drift.decided !== null && (
                      <Text size="xs">
                        {drift.decided.decision} by {drift.decided.by}, <When at={drift.decided.at} />:{' '}
                        {drift.decided.reason}
                        {drift.decided.reviewBy !== null && ` (until ${drift.decided.reviewBy})`}
                      </Text>
                    )}
                    {mayDecide && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        ml="xs"
                        aria-label={`Decide on ${placeOf(drift)}: ${KINDS[drift.kind]}`}
                        onClick={() => setDeciding(drift)}
                      >
                        Decide
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {deciding !== null && <Decide scan={kept.scan.id} drift={deciding} onClose={() => setDeciding(null)} />}
    </Card>
  );
}

function Decide({ scan, drift, onClose }: { scan: string; drift: Drift; onClose: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [reviewBy, setReviewBy] = useState('');
  const decide = useMutation({
    mutationFn: (decision: DriftDecision['decision']) =>
      room.collection.decideDrift(scan, drift.id, {
        decision,
        reason,
        ...(decision === 'ignored' ? { reviewBy } : {}),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['scans'] });
      onClose();
    },
  });
  const tooShort = reason.length < 3;
  return (
    <Dialog
      title={`${placeOf(drift)}: ${KINDS[drift.kind]}`}
      sending={decide}
      onClose={onClose}
      choices={
        <>
          {drift.state !== 'open' && (
            <Button
              variant="default"
              disabled={tooShort}
              loading={decide.isPending}
              onClick={() => decide.mutate('reopened')}
            >
              Open again
            </Button>
          )}
          <Button
            variant="default"
            disabled={tooShort || reviewBy === ''}
            loading={decide.isPending}
            onClick={() => decide.mutate('ignored')}
          >
            Ignore
          </Button>
          <Button disabled={tooShort} loading={decide.isPending} onClick={() => decide.mutate('resolved')}>
            Resolved
          </Button>
        </>
      }
    >
      <Textarea label="Why" required value={reason} onChange={({ currentTarget: { value } }) => setReason(value)} />
      <TextInput
        type="date"
        label="Ignore it until it is looked at again on"
        value={reviewBy}
        onChange={({ currentTarget: { value } }) => setReviewBy(value)}
      />
      <Text size="sm">
        Resolved means that it was dealt with at the source: it is open again if a later scan still finds it. To declare
        the field is a change of the catalogue, and ends the difference by itself.
      </Text>
    </Dialog>
  );
}
