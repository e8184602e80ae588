/** The widget's look: a constructed style sheet, which a policy without inline styles lets in. Colours are a site's to set. */
export const STYLE = `
:host { color-scheme: light dark;
  --ground: var(--strongroom-ground, light-dark(#fff, #20242b)); --text: var(--strongroom-text, light-dark(#1b1f24, #eceff4));
  --quiet: var(--strongroom-quiet, light-dark(#4c5561, #b3bcc9)); --line: var(--strongroom-line, light-dark(#8b94a1, #6b7482));
  --accent: var(--strongroom-accent, light-dark(#0b5cad, #8ec5ff)); --on-accent: var(--strongroom-on-accent, light-dark(#fff, #0d1116));
  font: 1rem/1.5 system-ui, sans-serif; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
section { position: fixed; z-index: 2147483000; inset: auto 0 0 0; max-height: 85vh; overflow: auto; background: var(--ground); color: var(--text);
  border-top: 1px solid var(--line); box-shadow: 0 -4px 24px rgb(0 0 0 / .2); padding: 1rem max(1rem, calc(50vw - 30rem)); }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .25rem; }
p { margin: 0 0 .75rem; }
a { color: var(--accent); }
.wrong { border-left: .25rem solid; padding-left: .75rem; font-weight: 600; }
.wrong:empty { display: none; }
details { margin: 0 0 .75rem; }
summary { min-height: 2.75rem; align-content: center; cursor: pointer; font-weight: 600; }
ul { margin: 0; padding: 0 0 0 1.25rem; max-height: 12rem; overflow: auto; }
li a { display: inline-block; padding: .25rem 0; }
.what { font-weight: 600; }
.signal { border-left: .25rem solid var(--accent); padding-left: .75rem; }
.actions { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); gap: .5rem; margin: .75rem 0 0; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1rem; border: 2px solid var(--accent); border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.quiet { background: transparent; color: var(--accent); }
button.again { position: fixed; z-index: 2147482999; inset: auto auto .75rem .75rem; min-height: 2.25rem; padding: .25rem .75rem; font-size: .875rem;
  background: var(--ground); color: var(--accent); }
.status { position: fixed; z-index: 2147482999; inset: auto auto 3.5rem .75rem; max-width: calc(100vw - 1.5rem); margin: 0; padding: .5rem .75rem;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); color: var(--text); animation: leaves 0s 10s forwards; }
@keyframes leaves { to { visibility: hidden; } }
fieldset { border: 0; border-top: 1px solid var(--line); margin: 0; padding: .75rem 0; display: grid; grid-template-columns: 1fr auto auto; gap: 0 1rem; align-items: center; }
legend { float: left; grid-column: 1; padding: 0; font-weight: 600; }
fieldset small { grid-column: 1; color: var(--quiet); font-size: .875rem; font-weight: 400; display: block; }
label { display: flex; gap: .5rem; align-items: center; min-height: 2.75rem; cursor: pointer; }
input { width: 1.25rem; height: 1.25rem; accent-color: var(--accent); margin: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (forced-colors: active) { button { border-color: ButtonText; } }
@media print { section, .status, button.again { display: none; } }
`;
