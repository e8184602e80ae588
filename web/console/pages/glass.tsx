/** Broken glass: where it was broken, whether it is still open, and what another person said of it. */
import { Alert, Badge, Button, Card, Group, List, SegmentedControl, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type BrokenGlass } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useEligibility, useSession } from '../session.ts';
import { When } from '../when.tsx';
import { BreakGlass } from './break-glass.tsx';

type Glass = BrokenGlass['glass'][number];

export function GlassPage() {
  const queries = useQueryClient();
  const [session, eligibility] = [useSession(), useEligibility()];
  const [show, setShow] = useState<'open' | 'all'>('open');
  const [breaking, setBreaking] = useState(false);
  const [reviewing, setReviewing] = useState<Glass | null>(null);
  const list = useQuery({ queryKey: ['glass'], queryFn: () => room.grants.glass() });
  const renew = () => queries.invalidateQueries({ queryKey: ['glass'] });
  const glass = list.data?.glass.filter(({ review }) => show === 'all' || review.verdict === null) ?? [];
  const mayBreak = eligibility.data !== undefined && eligibility.data.breakGlass !== null;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Break-glass
        </Title>
        <Group>
          <SegmentedControl
            aria-label="which"
            value={show}
            onChange={(next) => setShow(next)}
            data={[
              { value: 'open', label: 'To be reviewed' },
              { value: 'all', label: 'All' },
            ]}
          />
          {mayBreak && (
            <Button color="red" onClick={() => setBreaking(true)}>
              Break glass
            </Button>
          )}
        </Group>
      </Group>
      {list.isPending && <Fetching what="broken glass" />}
      {list.isError && <Problem error={list.error} />}
      {list.isSuccess && glass.length === 0 && (
        <Card withBorder>
          <Empty title={show === 'all' ? 'Glass was never broken' : 'Nothing waits for a review'}>
            {mayBreak
              ? 'In an emergency, break it for the customers it is about: you see them at once, an alarm says so, and another person reviews it within 72 hours.'
              : 'Whoever is on call breaks it in an emergency. It is listed here as soon as that happens.'}
          </Empty>
        </Card>
      )}
      {glass.map((one) => (
        <Broken
          key={one.id}
          glass={one}
          mine={one.requestedBy === session.data?.person}
          onReview={() => setReviewing(one)}
          onEnded={renew}
        />
      ))}
      {breaking && <BreakGlass onClose={() => setBreaking(false)} onBroken={renew} />}
      {reviewing !== null && (
        <Review
          glass={reviewing}
          onClose={() => setReviewing(null)}
          onDone={async () => {
            setReviewing(null);
            await renew();
          }}
        />
      )}
    </Stack>
  );
}

function stateOf({ state, review }: Glass): { says: string; colour: string } {
  if (state === 'activated') return { says: 'open now', colour: 'red' };
  if (review.verdict !== null)
    return { says: review.verdict, colour: review.verdict === 'justified' ? 'teal' : 'orange' };
  return review.overdue ? { says: 'review overdue', colour: 'red' } : { says: 'to be reviewed', colour: 'orange' };
}

function Broken({
  glass,
  mine,
  onReview,
  onEnded,
}: {
  glass: Glass;
  mine: boolean;
  onReview: () => void;
  onEnded: () => Promise<unknown>;
}) {
  const end = useMutation({
    mutationFn: () => room.grants.revoke(glass.id, 'ended in the console'),
    onSettled: onEnded,
  });
  const { scope, review, state } = glass;
  const { says, colour } = stateOf(glass);
  const purposeOf = usePurposes();
  return (
    <Card withBorder component="article" aria-label={`glass broken for ${glass.incident}, ${says}`}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4}>
          <Group gap="xs">
            <Badge variant="light" color={colour}>
              {says}
            </Badge>
            <Text fw={600}>
              {glass.incident}: {glass.role} for {purposeOf(scope.purpose)}
            </Text>
            {mine && <Badge variant="outline">yours</Badge>}
          </Group>
          <Text size="sm" className="wrap">
            {glass.reason}
          </Text>
          <List size="sm">
            <List.Item>
              classes: {scope.classes.join(', ')}; {scope.subjects.length}{' '}
              {scope.subjects.length === 1 ? 'customer' : 'customers'}; {glass.readsUsed} of {scope.reads} reads used
            </List.Item>
            <List.Item>
              broken <When at={glass.activatedAt} />
              {glass.until !== null && state === 'activated' && (
                <>
                  ; ends <When at={glass.until} />
                </>
              )}
            </List.Item>
            {review.verdict === null ? (
              <List.Item>
                another person has to review it by <When at={review.dueAt} />; after that, whoever broke it gets no
                further grant until it is reviewed
              </List.Item>
            ) : (
              <List.Item className="wrap">
                {review.verdict}: {review.note}
              </List.Item>
            )}
          </List>
        </Stack>
        <Group gap="xs">
          {state === 'activated' && (
            <Confirm label="End now" title="End it now?" loading={end.isPending} onYes={() => end.mutate()}>
              The next read under it is refused, on every server.
            </Confirm>
          )}
          {state !== 'activated' && review.verdict === null && !mine && <Button onClick={onReview}>Review</Button>}
        </Group>
      </Group>
      {end.isError && <Problem error={end.error} />}
    </Card>
  );
}

function Review({ glass, onClose, onDone }: { glass: Glass; onClose: () => void; onDone: () => Promise<unknown> }) {
  const [note, setNote] = useState('');
  const review = useMutation({
    mutationFn: (verdict: 'justified' | 'unjustified') =>
      room.grants.reviewGlass(glass.id, { verdict, note: note.trim() }),
    onSuccess: onDone,
  });
  return (
    <Dialog
      title={`Was it justified? ${glass.incident}`}
      sending={review}
      onClose={onClose}
      choices={(['unjustified', 'justified'] as const).map((verdict) => (
        <Button
          key={verdict}
          variant={verdict === 'justified' ? 'filled' : 'light'}
          color={verdict === 'justified' ? 'teal' : 'red'}
          disabled={note.trim() === ''}
          loading={review.isPending}
          onClick={() => review.mutate(verdict)}
        >
          {verdict === 'justified' ? 'Justified' : 'Not justified'}
        </Button>
      ))}
    >
      <Text size="sm">
        {glass.reason}. {glass.readsUsed} of {glass.scope.reads} reads were used. The audit log has each of them.
      </Text>
      <Textarea
        label="What did you find?"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={1000}
        required
        autosize
        minRows={2}
      />
      <Alert icon={<IconAlertTriangle aria-hidden />} color="gray">
        It is kept for ever, with your name.
      </Alert>
    </Dialog>
  );
}
