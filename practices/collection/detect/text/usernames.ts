/** @handles, with a word for a social network or a user near. Other user names are told by what names them (secrets.ts). */
import { CONTEXT } from '../words/context-words.ts';
import { isSign } from './characters.ts';
import { near, put, type Page } from './page.ts';

export function handleAt(page: Page, token: number, at: number): void {
  const { text } = page;
  const before = text.charCodeAt(at - 1);
  if (isSign(before) || before === 46 || before === 45 || before === 95) return;
  let end = at + 1;
  while (end - at <= 32 && (isSign(text.charCodeAt(end)) || text.charCodeAt(end) === 95)) end += 1;
  if (
    end - at < 4 ||
    end - at > 31 ||
    (text.charCodeAt(end) === 46 && isSign(text.charCodeAt(end + 1))) ||
    text.charCodeAt(end) === 47
  )
    return;
  const social = near(page, token, -1, CONTEXT.social | CONTEXT.username) || near(page, token, 1, CONTEXT.social | CONTEXT.username); // prettier-ignore
  put(page, 'username', at, end, [
    { says: 'an @ with a name', adds: 0.3 },
    social ? { says: 'a word for a social network or a user stands near it', adds: 0.35 } : null,
  ]);
}
