/** A dialog that asks for something: its fields, why it was not done, a way out, and a button that says what it does. */
import { Button, Group, Modal, Stack, type MantineSize } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';

import { IntoView } from '../ui/into-view.tsx';
import { Refused } from './pages/step-up.tsx';

/** What is sent, as far as a dialog shows it. */
type Sending<Said> = Readonly<{
  mutate: (said: Said) => void;
  variables: Said | undefined;
  isPending: boolean;
  error: unknown;
}>;

type Asks = Readonly<{
  title: string;
  size?: MantineSize;
  onClose: () => void;
  /** Why it was not done, and how to go on; left out, the words of the server, or a factor once more. */
  refused?: (error: unknown, again: () => void) => ReactNode;
  children: ReactNode;
}>;
/** What its button says, and does with what was typed. */
type Does = Readonly<{
  does: string;
  onSend: (form: FormData) => void;
  ready?: boolean;
  danger?: boolean;
  choices?: never;
}>;
/** Several answers, each a button of its own: Enter chooses none of them. */
type Chooses = Readonly<{ choices: ReactNode; does?: never }>;
/** There is nothing to send (any more). */
type Tells = Readonly<{ does?: undefined; choices?: undefined }>;

export function Dialog<Said>({
  title,
  size = 'md',
  sending,
  refused = (error, again) => <Refused error={error} again={again} />,
  onClose,
  children,
  ...ends
}: Asks & (Does | Chooses | Tells) & { sending: Sending<Said> }) {
  const form = useRef<HTMLFormElement | null>(null);
  const isTold = ends.does === undefined && ends.choices === undefined;
  useFocusBack();
  useEffect(() => {
    // what was fetched first, or is done: the focus goes to the fields that came, or to the button that is left
    if (form.current !== null && document.activeElement?.matches(FIELD) !== true)
      (firstField(form.current) ?? form.current.querySelector('button'))?.focus();
  }, [isTold]);
  const send = (): void => {
    if (ends.does !== undefined && form.current !== null) ends.onSend(new FormData(form.current));
  };
  // what was sent is sent again; a form is read anew, since more may have been typed
  const again = (): void => (ends.does === undefined ? sending.mutate(sending.variables as Said) : send());
  return (
    <Modal opened onClose={onClose} title={title} size={size} centered>
      <form
        ref={(element) => {
          form.current = element;
          if (element !== null) firstField(element)?.setAttribute('data-autofocus', 'true');
        }}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Stack>
          {children}
          {sending.error !== null && <IntoView of={sending.error}>{refused(sending.error, again)}</IntoView>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {isTold ? 'Close' : 'Cancel'}
            </Button>
            {ends.choices}
            {ends.does !== undefined && (
              <Button
                type="submit"
                loading={sending.isPending}
                disabled={ends.ready === false}
                {...(ends.danger === true ? { color: 'red' } : {})}
              >
                {ends.does}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const FIELD = 'input:not([type=hidden]), textarea';
/** The one that is marked, or the first: never the cross that closes it. */
const firstField = (form: HTMLElement): HTMLElement | null =>
  form.querySelector<HTMLElement>('[data-autofocus]') ?? form.querySelector<HTMLElement>(FIELD);

/** Where one was is where one goes on: what opened it has the focus again once it is gone (WCAG 2.2, 2.4.3). */
function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // after it is gone, and not where somebody, or the next dialog, has taken the focus already
      setTimeout(() => {
        const isNowhere = document.activeElement === null || document.activeElement === document.body;
        if (isNowhere && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
      });
    },
    [opener],
  );
}
