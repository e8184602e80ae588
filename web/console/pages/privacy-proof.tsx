/** How sure it is who asks, what has shown it, and vouching for them. */
import { Alert, Button, Code, Group, Select, Stack, Text } from '@mantine/core';
import { isProblem, type PrivacyRequest, type PrivacyVouch } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { room } from '../room.ts';
import { dayOf } from '../when.tsx';
import { Refused } from './step-up.tsx';

type Proof = PrivacyRequest['proof'];
const LEVELS: readonly string[] = ['none', 'reasonable', 'high'];
const SURE: Readonly<Record<Proof['reached'], string>> = { none: 'not proven', reasonable: 'reasonable proof', high: 'strong proof' }; // prettier-ignore
const SAW: Readonly<Record<PrivacyVouch['saw'], string>> = {
  'identity-card': 'an identity card', passport: 'a passport', 'driving-licence': 'a driving licence', 'signed-declaration': 'a declaration that they signed',
  'known-customer': 'them, and I know them', 'call-back': 'I called back the number that we hold', mandate: 'a mandate that the customer signed',
}; // prettier-ignore
const MEANS: Readonly<Record<Proof['shown'][number]['means'], string>> = { 'mail-code': 'a code from a mail', 'second-code': 'a code at a second address', app: 'our own sign-in', vouch: 'seen by staff' }; // prettier-ignore
const OF_AGENTS: ReadonlySet<string> = new Set(['mandate', 'call-back']);

/** Of the company's own sign-in: what it asked for, and what of it falls with the mailbox. */
const factorsIn = ({ factors, resettableByMail = 1 }: Pick<Proof['shown'][number], 'factors' | 'resettableByMail'>): string =>
  factors === undefined ? '' : ` (${factors === 2 ? 'two factors' : 'one factor'}${resettableByMail === 0 ? '' : `, ${resettableByMail === factors ? 'can be reset by mail' : 'one of them can be reset by mail'}`})`; // prettier-ignore

export const isShown = ({ reached, needed }: Proof): boolean =>
  needed === null || LEVELS.indexOf(reached) >= LEVELS.indexOf(needed);
const needIn = (proof: Proof): string => {
  if (!isShown(proof)) return `; needed: ${SURE[proof.needed ?? 'none']}`;
  return proof.reached === 'none' ? ', and not needed for this' : ', enough for this';
};
const FROM: Readonly<Record<Proof['asker'], string>> = { subject: 'by the customer', agent: 'by an agent', unheld: 'from an unknown address' }; // prettier-ignore
export const proofSays = (proof: Proof): string =>
  `${FROM[proof.asker]}; identity: ${SURE[proof.reached]}${needIn(proof)}`;

/** That it has to be surer stands above, with what there is to do about it. */
export const NotDone = ({ error, again }: { error: unknown; again: () => void }) =>
  isProblem(error) && error.code === 'PRIVACY_PROOF_NEEDED' ? (
    <Alert color="red" role="alert" title="Nothing was done: stronger proof of who asks is needed first">
      What is missing stands at the top. To decline needs nothing more. <Code>{error.code}</Code>
    </Alert>
  ) : (
    <Refused error={error} again={again} />
  );

export function WhoAsks({ id, proof }: { id: string; proof: Proof }) {
  const queries = useQueryClient();
  const [saw, setSaw] = useState<PrivacyVouch['saw'] | null>(null);
  const vouch = useMutation({
    mutationFn: (what: PrivacyVouch['saw']) => room.privacyRequests.vouch(id, what),
    onSuccess: async () => {
      setSaw(null);
      await queries.invalidateQueries({ queryKey: ['privacy-request', id] });
      await queries.invalidateQueries({ queryKey: ['privacy-requests'] });
    },
  });
  const choices = Object.entries(SAW).filter(([what]) => (proof.asker === 'agent') === OF_AGENTS.has(what) || what === 'call-back'); // prettier-ignore
  const title = `Asked ${proofSays(proof)}`;
  if (isShown(proof) && proof.shown.length === 0) return <Alert variant="light" title={title} />;
  return (
    <Alert variant="light" color={isShown(proof) ? 'blue' : 'orange'} title={title}>
      <Stack gap="xs">
        {proof.shown.length > 0 && (
          <Text size="sm">
            {proof.shown.map(({ means, saw: what, at, ...app }) => `${MEANS[means]}${what === undefined ? '' : ` (${SAW[what]})`}${factorsIn(app)}, ${dayOf(at)}`).join('; ')}
          </Text> // prettier-ignore
        )}
        {!isShown(proof) && (
          <>
            <Text size="sm">
              Nothing goes out before that proof is there. Each person who looks counts once, and so do all proofs that
              come through the same mailbox. Only the kind is kept: store neither the document nor its number.
            </Text>
            <Group align="end">
              <Select
                label="I have seen"
                data={choices.map(([value, label]) => ({ value, label }))}
                value={saw}
                onChange={(value) => setSaw(value as PrivacyVouch['saw'] | null)}
                openOnFocus={false}
              />
              <Button
                variant="default"
                disabled={saw === null}
                loading={vouch.isPending}
                onClick={() => saw !== null && vouch.mutate(saw)}
              >
                Vouch
              </Button>
            </Group>
          </>
        )}
        {vouch.isError && <Refused error={vouch.error} again={() => saw !== null && vouch.mutate(saw)} />}
      </Stack>
    </Alert>
  );
}
