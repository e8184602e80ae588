/** What a step makes of a value, in words: `prefix:1` is the first character. */
export function stepWords(step: string): string {
  const [how = step, amount = ''] = step.split(':');
  if (how === 'prefix') return amount === '1' ? 'its first character' : `its first ${amount} characters`;
  return amount === '' ? how : `${how} ${amount}`;
}
