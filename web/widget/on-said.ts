/** Hears what the widget of this page says, also where it has spoken before; what is said twice is heard once. */
import type { Said } from './said.ts';

export function onSaid(hear: (said: Said, widget: Element) => void): void {
  let last = '';
  const take = (element: EventTarget | null): void => {
    const said = (element as { said?: Said } | null)?.said;
    const text = JSON.stringify(said);
    if (said === undefined || text === last) return;
    last = text;
    hear(said, element as Element);
  };
  addEventListener('strongroom-choices', ({ target }) => take(target));
  take(document.querySelector('strongroom-consent'));
}
