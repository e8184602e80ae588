/**
 * `<strongroom-consent>`: asks a visitor, in the page itself, with yes and no of one size; keeps the choice within reach
 * afterwards. No frame, no inline style or script, no message channel that another page could speak into.
 *
 * INVARIANT: only a person's own press answers (`isTrusted`), and nothing is shown to be pressed where another site frames
 * the page.
 */
import { createChoices, isFramedByOthers, type Choices, type ChoiceState, type Vendor } from '@strongroom/sdk/choices';

import { createGates } from './gates.ts';
import type { Said } from './said.ts';
import { STYLE } from './style.ts';

export { createChoices };

const HOME = new URL(import.meta.url).origin;

function make<K extends keyof HTMLElementTagNameMap>(tag: K, more: Partial<HTMLElementTagNameMap[K]> = {}, ...inside: readonly (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), more);
  element.append(...inside);
  return element;
} // prettier-ignore

class StrongroomConsent extends HTMLElement {
  #choices: Choices | undefined;
  readonly #gate = createGates();
  readonly #root = this.attachShadow({ mode: 'open' });

  async connectedCallback(): Promise<void> {
    if (this.#choices !== undefined || isFramedByOthers()) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    const choices = createChoices({
      server: this.getAttribute('server') ?? HOME,
      token: this.getAttribute('token') ?? undefined,
      language: this.lang || document.documentElement.lang || navigator.language,
      purposes: this.getAttribute('purposes')?.trim().split(/\s+/),
      variant: 'widget/1',
    });
    this.#choices = choices;
    choices.subscribe((state) => this.#changed(state));
    // the page goes on as if nothing were allowed
    const state = await choices.get().catch(() => null);
    if (state === null || state.purposes.length === 0) return;
    // before the question is on the screen, nothing is said of what was answered
    if (state.purposes.every(({ answered }) => answered)) this.#changed(state);
    else {
      this.#gated();
      this.#ask(state);
    }
  }

  #said: Said | undefined;
  /** For scripts that came later than the event of it. */
  get said(): Said | undefined {
    return this.#said;
  }

  /** Read and set by the page's own script; nothing that a frame or another window could reach. */
  get choices(): Choices | undefined {
    return this.#choices;
  }

  #gated(): void {
    this.#gate((purpose) => this.#choices?.allows(purpose) === true);
  }

  /** What was pressed is on its way: whoever pressed it says what becomes of the question. */
  #settling = false;
  #changed(state: ChoiceState): void {
    this.#gated();
    if (this.#settling) this.#tell(state, true);
    else this.#again(state);
  }

  #tell({ purposes, ads, tcf, gpc }: ChoiceState, asking: boolean): void {
    const allowed = purposes.filter(({ used }) => used).map(({ purpose }) => purpose);
    this.#said = { allowed, tcString: this.#choices?.tcString() ?? null, cmp: tcf?.cmp ?? null, ads, gpc, asking };
    this.dispatchEvent(new CustomEvent('strongroom-choices', { bubbles: true, detail: this.#said }));
  }

  /** What stays when it was answered: to change it is as near as it was to give it. */
  #again(state: ChoiceState, says?: string): void {
    const button = make('button', { className: 'again', textContent: state.words.reopen ?? '', lang: state.language });
    button.addEventListener('click', () => this.#ask(state, true));
    this.#root.replaceChildren(button, make('p', { role: 'status', className: 'status', textContent: says ?? '', hidden: says === undefined }));
    document.documentElement.style.scrollPaddingBottom = '';
    this.#tell(state, false);
  } // prettier-ignore

  #ask(state: ChoiceState, wanted = false): void {
    const { words, gpc, purposes } = state;
    const vendors = state.tcf?.vendors ?? [];
    const say = (key: string): string => (words[key] ?? '').replaceAll('{controller}', state.controller);
    const picks = purposes.map((each) => {
      const pick = (answer: 'yes' | 'no', checked: boolean) => make('input', { type: 'radio', name: each.purpose, value: answer, checked });
      const [yes, no] = [pick('yes', each.used), pick('no', !each.used)];
      const row = make('fieldset', {}, make('legend', {}, each.title, make('small', { textContent: each.rule })), make('label', {}, no, say('no')), make('label', {}, yes, say('yes')));
      return { ...each, yes, row };
    }); // prettier-ignore
    const list = make('div', { hidden: true }, ...picks.map(({ row }) => row));
    // there from the start, so that what is written into it is read out
    const wrong = make('p', { role: 'alert', className: 'wrong' });
    const settle = async (event: Event, answers: Record<string, boolean>): Promise<void> => {
      if (!event.isTrusted) return;
      wrong.textContent = '';
      this.#settling = true;
      const pressed = event.currentTarget as HTMLButtonElement;
      try {
        this.#again(
          (await this.#choices?.set(
            answers,
            vendors.map(({ id }) => id),
          )) ?? state,
          say('saved'),
        );
        this.#root.querySelector('button')?.focus();
      } catch (thrown) {
        // nothing is recorded that the server did not take: it is said, what was picked stays, and can be sent again
        wrong.textContent = say((thrown as { code?: unknown }).code === 'PRIVACY_NO_KEPT' ? 'noKept' : 'notSaved');
        document.documentElement.style.scrollPaddingBottom = `${section.offsetHeight}px`;
        wrong.scrollIntoView({ block: 'nearest' });
        pressed.focus();
      } finally {
        this.#settling = false;
      }
    };
    const button = (says: string, className: string, press: (event: MouseEvent) => unknown) =>
      make('button', { type: 'button', textContent: says, className, onclick: press });
    // with the signal on, what is shared for advertising needs a yes of its own
    const all = (yes: boolean) =>
      Object.fromEntries(picks.map((each) => [each.purpose, yes && !(gpc && each.sharedForAds && !each.used)]));
    // what for is said before anything can be pressed, and in full below
    const what = make('p', { className: 'what', textContent: purposes.map(({ title }) => title).join(' · ') });
    const save = button(say('save'), 'quiet', (event) => settle(event, Object.fromEntries(picks.map(({ purpose, yes }) => [purpose, yes.checked])))); // prettier-ignore
    save.hidden = true;
    const choose = button(say('choose'), 'quiet', () => {
      [list.hidden, save.hidden, choose.hidden, what.hidden] = [false, false, true, true];
      list.querySelector<HTMLElement>('input:checked')?.focus();
    });
    const title = make('h2', { id: 'title', tabIndex: -1, textContent: say('widgetTitle') });
    const section = make('section', { role: 'dialog', lang: state.language, ariaModal: 'false' },
      title,
      make('p', {}, `${say('widgetText')} `, make('a', { href: `${state.center}?lang=${state.language}`, textContent: say('notice'), rel: 'noopener', referrerPolicy: 'no-referrer' })),
      make('p', { className: 'signal', textContent: say('widgetGpc'), hidden: !gpc }),
      what,
      partnersOf(vendors, say('partners')),
      list,
      wrong,
      make('div', { className: 'actions' },
        button(say('refuseAll'), '', (event) => settle(event, all(false))), button(say('acceptAll'), '', (event) => settle(event, all(true))), choose, save),
    ); // prettier-ignore
    section.setAttribute('aria-labelledby', 'title');
    section.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !wanted) return;
      this.#again(state);
      this.#root.querySelector('button')?.focus();
    });
    this.#root.replaceChildren(section);
    this.#tell(state, true);
    // what has the focus in the page is not hidden behind it (WCAG 2.2, 2.4.11)
    document.documentElement.style.scrollPaddingBottom = `${section.offsetHeight}px`;
    // who opened it is taken there; who came to read the page is not
    if (wanted) title.focus();
  }
}

/** Who else it goes to: named where the choice is made, each with its own word on privacy. */
function partnersOf(vendors: readonly Vendor[], title: string): Node {
  if (vendors.length === 0) return document.createTextNode('');
  const names = vendors.map(({ name, privacy }) =>
    make('li', {}, privacy === null ? name : make('a', { href: privacy, textContent: name, rel: 'noopener', referrerPolicy: 'no-referrer' })),
  );
  return make('details', {}, make('summary', { textContent: `${title}: ${vendors.length}` }), make('ul', {}, ...names));
} // prettier-ignore

customElements.define('strongroom-consent', StrongroomConsent);
