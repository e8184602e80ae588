/** How a scan differs from the catalogue, and what a person decides about each difference: who and why stays with it. */
import { Badge, Button, Card, Table, Text, Title } from '@mantine/core';
import type { DriftDecision, KeptScan } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Empty } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { dayOf, When } from '../when.tsx';
import { SURE } from './discovery-found.tsx';
import { LookAgain } from './look-again.tsx';
import { isReason } from './why-needed.tsx';

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

/** So many of one kind are read one by one; more are folded. */
const FEW = 3;

export function Differences({ kept }: { kept: KeptScan }) {
  const [deciding, setDeciding] = useState<Drift | null>(null);
  // what nobody knew of first; what is declared and not there harms nobody
  const rank = ({ state, kind }: Drift): number => (state === 'open' ? 0 : 10) + Object.keys(KINDS).indexOf(kind);
  const sorted = kept.drifts.toSorted((a, b) => rank(a) - rank(b));
  const absent = sorted.filter(({ kind, state, again }) => kind === 'absent' && state === 'open' && again === null);
  const folds = absent.length > FEW;
  const shown = folds ? sorted.filter((each) => !absent.includes(each)) : sorted;
  return (
    <Card withBorder padding="xs" component="section" aria-label="differences from the catalogue">
      <Title order={2} size="h4" p="xs">
        Other than the catalogue says
      </Title>
      {sorted.length === 0 && (
        <Empty title="Nothing differs">Everything that was found is declared, and everything declared is there.</Empty>
      )}
      {shown.length > 0 && <Rows label="differences" drifts={shown} onDecide={setDeciding} />}
      {folds && (
        <details>
          <Text component="summary" p="xs" size="sm" fw={500}>
            {counted(absent.length, 'field')}: declared, not there
          </Text>
          <Rows label="declared, not there" drifts={absent} onDecide={setDeciding} />
        </details>
      )}
      {deciding !== null && <Decide scan={kept.scan.id} drift={deciding} onClose={() => setDeciding(null)} />}
    </Card>
  );
}

function Rows({
  label,
  drifts,
  onDecide,
}: {
  label: string;
  drifts: readonly Drift[];
  onDecide: (drift: Drift) => void;
}) {
  const nameOf = useDoers();
  const mayDecide = useWhoAmI().data?.actions.includes('scans.decide') === true;
  return (
    <Wide label={label} minWidth={680} stacks>
      <Table>
        {drifts.length > SHOWN && (
          <Table.Caption>
            the first {SHOWN} of {drifts.length}
          </Table.Caption>
        )}
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Where</Table.Th>
            <Table.Th>Difference</Table.Th>
            <Table.Th>Found</Table.Th>
            <Table.Th>State</Table.Th>
            {mayDecide && <Table.Td />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {drifts.slice(0, SHOWN).map((drift) => (
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
              <Table.Td>
                {[drift.type ?? '–', ...(drift.level === null ? [] : [SURE[drift.level]])].join(', ')}
              </Table.Td>
              <Table.Td>
                <Badge variant="light" color={drift.state === 'open' ? 'orange' : 'gray'}>
                  {drift.state}
                </Badge>
                {drift.again !== null && <Text size="xs">{AGAIN[drift.again]}</Text>}
                {drift.decided !== null && (
                  <Text size="xs">
                    {drift.decided.decision} by {nameOf(drift.decided.by)}, <When at={drift.decided.at} />:{' '}
                    {drift.decided.reason}
                    {drift.decided.reviewBy !== null && ` (until ${dayOf(drift.decided.reviewBy)})`}
                  </Text>
                )}
              </Table.Td>
              {mayDecide && (
                <Table.Td ta="right">
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Decide on ${placeOf(drift)}: ${KINDS[drift.kind]}`}
                    onClick={() => onDecide(drift)}
                  >
                    Decide
                  </Button>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
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
        reason: reason.trim(),
        ...(decision === 'ignored' ? { reviewBy } : {}),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['scans'] });
      onClose();
    },
  });
  const tooShort = !isReason(reason);
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
      <LookAgain leaves="Ignore it" reason={reason} onReason={setReason} reviewBy={reviewBy} onReviewBy={setReviewBy} />
      <Text size="sm">
        Resolved means that it was dealt with at the source: it is open again if a later scan still finds it. To declare
        the field is a change of the catalogue, and ends the difference by itself.
      </Text>
    </Dialog>
  );
}
