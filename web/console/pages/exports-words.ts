/** What profiles of exports are told in: steps in words, fields by their titles. */
import { useQuery } from '@tanstack/react-query';

import { useFieldTitles } from '../field-titles.ts';
import { room } from '../room.ts';

/** What a step makes of a value, in words: `prefix:1` is the first character. */
export function stepWords(step: string): string {
  const [how = step, amount = ''] = step.split(':');
  if (how === 'prefix') return amount === '1' ? 'its first character' : `its first ${amount} characters`;
  return amount === '' ? how : `${how} ${amount}`;
}

export const useProfiles = () =>
  useQuery({ queryKey: ['exports', 'profiles'], queryFn: () => room.exports.profiles() });

type Of = Readonly<{ profile: string }> | Readonly<{ recipient: string; purpose: string }>;

/** @returns the title of a field in what left by a profile, or was counted for a recipient's purpose */
export function useExportedTitles(): (of: Of, field: string) => string {
  const { fieldOf } = useFieldTitles();
  const all = useProfiles().data?.profiles ?? [];
  return (of, field) => {
    const found = all.find(({ id, profile: { kind, recipient, purpose } }) =>
      'profile' in of
        ? id === of.profile
        : kind === 'counts' && recipient.name === of.recipient && purpose === of.purpose,
    );
    return fieldOf(found?.profile.collection ?? '', field);
  };
}
