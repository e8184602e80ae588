/** A dialog about an incident: words, what else is asked, when it happened, and why it was not done. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { isProblem } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { instantOf, localOf } from '../../ui/local-time.ts';
import { Dialog } from '../dialog.tsx';
import { Refused } from './step-up.tsx';

/** Somebody was faster: what they wrote is read before one writes on. */
export function Faster({ error, again, onLook }: { error: unknown; again: () => void; onLook: () => void }) {
  const queries = useQueryClient();
  const look = async (): Promise<void> => {
    await queries.refetchQueries({ queryKey: ['incidents', 'one'] });
    onLook();
  };
  return (
    <>
      <Refused error={error} again={again} />
      {isProblem(error, 'EDUCATION_INCIDENT_CHANGED') && (
        <Button w="fit-content" variant="default" onClick={() => void look()}>
          See what changed
        </Button>
      )}
    </>
  );
}

export function Written({ title, label, words, needed, when = 'never', ready = true, send, onClose, children }: {
  title: string; label: string;
  /** What the words are; undefined: none are asked for. */
  words?: string | undefined; needed?: boolean; when?: 'now' | 'asked' | 'never'; ready?: boolean;
  send: (said: Readonly<{ text?: string; happenedAt?: string }>) => Promise<unknown>; onClose: () => void; children?: ReactNode;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(when === 'asked' ? localOf(new Date()) : '');
  const sending = useMutation({
    mutationFn: () => send({ ...(text.trim() === '' ? {} : { text: text.trim() }), ...(at === '' ? {} : { happenedAt: instantOf(at) }) }),
    onSuccess: onClose,
  });
  return (
    <Dialog title={title} size="lg" sending={sending} does={label} onSend={() => sending.mutate()} ready={ready && (needed !== true || text.trim() !== '')} refused={(error, again) => <Faster error={error} again={again} onLook={() => sending.reset()} />} onClose={onClose}>
      {children}
      {words !== undefined && (
        <Textarea label={words} required={needed === true} autosize minRows={2} maxLength={10_000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      )}
      {when !== 'never' && (
        <TextInput
          type="datetime-local"
          label="When"
          required={when === 'asked'}
          description={when === 'asked' ? 'in your own time' : 'in your own time; empty: now'}
          max={localOf(new Date())}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
      )}
    </Dialog>
  );
} // prettier-ignore
